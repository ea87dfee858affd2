import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { takeTextFrames } from '../routes/fast-frames.ts';
import { BINARY, CLOSE, CONTINUATION, frame, PING, PONG, TEXT } from './torture/raw.ts';

// The same bytes, cut at the same places, go to the ws library as it is and to one that text frames are taken
// from: what comes out must be the same, to the last close code and the bytes sent back.

const MOST = 300;
const FRAGMENTS = 4;

/** Numbers that look random and are the same each time (mulberry32). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** 0 to n - 1. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }
  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }
}

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 124, 125, 126, 127, 128, 255, 256, MOST - 1, MOST];

function words(dice: Dice, length: number): Buffer {
  const text = dice.of(['{"type":"ice"}', 'abcdefg', 'é€😀', 'x', '\0']).repeat(length);
  // Where the last character does not fit, it is cut off whole.
  const bytes = Buffer.from(text).subarray(0, length);
  return Buffer.from(bytes.toString().replace(/\ufffd/g, ''));
}

/** A length in a form that is longer than it need be: 2 or 8 bytes. */
function longForm(payload: Buffer, bytes: 2 | 8, claimed = BigInt(payload.length)): Buffer {
  const head = Buffer.alloc(2 + bytes + 4);
  head[0] = 0x81;
  head[1] = 0x80 | (bytes === 2 ? 126 : 127);
  if (bytes === 2) head.writeUInt16BE(Number(claimed), 2);
  else head.writeBigUInt64BE(claimed, 2);
  return Buffer.concat([head, payload]); // masked with zeros
}

function goodFrames(dice: Dice): Buffer {
  const payload = words(dice, dice.of(LENGTHS));
  switch (dice.below(12)) {
    case 0:
      return frame(PING, words(dice, dice.below(126)));
    case 1:
      return frame(PONG, words(dice, dice.below(126)));
    case 2:
      return longForm(payload, dice.of([2, 8]));
    case 3: {
      const cut = dice.below(payload.length + 1);
      const between = dice.below(2) === 0 ? frame(PING, 'between') : Buffer.alloc(0);
      const first = frame(dice.of([TEXT, BINARY]), payload.subarray(0, cut), { fin: false });
      return Buffer.concat([first, between, frame(CONTINUATION, payload.subarray(cut))]);
    }
    default:
      return frame(TEXT, payload);
  }
}

function badFrame(dice: Dice): Buffer {
  const payload = words(dice, dice.of(LENGTHS));
  const control = dice.of([PING, PONG, CLOSE]);
  const bad = Buffer.from(
    dice.of(['80', 'e282', 'c0af', 'eda080', 'f4908080', 'ff', '61e2', 'e28261']),
    'hex',
  );
  return dice.of<() => Buffer>([
    () => frame(TEXT, payload, { masked: false }),
    () => frame(control, 'x', { masked: false }),
    () => frame(TEXT, payload, { rsv: dice.of([0x10, 0x20, 0x40, 0x70]) }),
    () => frame(control, '', { rsv: dice.of([0x10, 0x20, 0x40]) }),
    () => frame(dice.of([3, 7, 11, 15]), payload),
    () => frame(CONTINUATION, payload),
    () => frame(control, '', { fin: false }),
    () => frame(control, 'x'.repeat(126)),
    () => frame(TEXT, 'x'.repeat(MOST + 1)),
    () => longForm(Buffer.alloc(20), 8, BigInt(MOST + 1)),
    () => longForm(Buffer.alloc(20), 8, 2n ** BigInt(20 + dice.below(44))),
    () => frame(TEXT, Buffer.concat([payload.subarray(0, 200), bad])),
    () => frame(TEXT, Buffer.concat([bad, payload.subarray(0, 200)])),
    () => Buffer.concat([frame(TEXT, payload, { fin: false }), frame(TEXT, 'within')]),
    () => Buffer.concat([frame(TEXT, bad, { fin: false }), frame(CONTINUATION, '')]),
    () =>
      Buffer.concat(
        Array.from({ length: FRAGMENTS + 1 }, (_, n) => frame(n === 0 ? TEXT : 0, '', { fin: false })),
      ),
    () => frame(TEXT, 'x', { length: 100 }), // and nothing after it may come
    () => frame(BINARY, payload),
    () => frame(CLOSE, Buffer.from([3, 0xe8, ...words(dice, 20)])),
    () => frame(CLOSE),
    () => frame(CLOSE, Buffer.from([3])),
    () => frame(CLOSE, Buffer.from([3, 0xed])),
    () => frame(CLOSE, Buffer.from([3, 0xe8, 0xff])),
    () => Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ])();
}

/** What one client sends, in the pieces in which it arrives. */
function stream(dice: Dice): Buffer[] {
  const frames: Buffer[] = [];
  for (let n = dice.below(12); n > 0; n--) frames.push(goodFrames(dice));
  if (dice.below(3) > 0) frames.push(badFrame(dice));
  for (let n = dice.below(4); n > 0; n--) frames.push(goodFrames(dice));
  const bytes = Buffer.concat(frames);
  const pieces: Buffer[] = [];
  const longest = dice.of([1, 3, 8, 40, 200, 2_000]);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + dice.below(longest);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  // The end of the stream may come early.
  return dice.below(4) === 0 ? pieces.slice(0, dice.below(pieces.length + 1)) : pieces;
}

/** What happens in the middle of it all, at the n-th message. */
type Turn = { at: number; act: 'nothing' | 'close' | 'terminate' | 'pause' };

/** A TCP socket's other end: what is pushed arrives as it is, what is written is kept. */
class Wire extends Duplex {
  readonly written: string[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString('latin1'));
    done();
  }
}

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  autoPong: false,
  maxPayload: MOST,
  maxFragments: FRAGMENTS,
});

/** Everything that is seen of a connection that gets these pieces, the first `glued` with the handshake. */
async function run(pieces: Buffer[], glued: number, turn: Turn, fast: boolean): Promise<unknown[]> {
  const seen: unknown[] = [];
  const wire = new Wire();
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const request = { method: 'GET', headers, url: '/' } as unknown as IncomingMessage;
  // Copies at odd and even places in memory: what is unmasked in place must touch nothing else.
  const copies = pieces.map((piece, n) => {
    const memory = Buffer.alloc(piece.length + 8 + (n & 3), 0xaa);
    const copy = memory.subarray(4 + (n & 3), memory.length - 4);
    copy.set(piece);
    return { memory, copy };
  });
  const head = Buffer.concat(copies.slice(0, glued).map(({ copy }) => copy));
  let messages = 0;
  let paused = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.handleUpgrade(request, wire, head, (socket: WebSocket) => {
    function receive(data: Buffer, isBinary = false): void {
      seen.push(['message', data.toString('latin1'), isBinary]);
      if (++messages !== turn.at) return;
      if (turn.act === 'close') socket.close(4400, 'enough');
      if (turn.act === 'terminate') socket.terminate();
      if (turn.act === 'pause') {
        socket.pause();
        paused = true;
      }
    }
    socket.on('message', (data, isBinary) => receive(data as Buffer, isBinary));
    socket.on('ping', (data) => seen.push(['ping', data.toString('latin1')]));
    socket.on('pong', (data) => seen.push(['pong', data.toString('latin1')]));
    socket.on('error', (error: Error & { code?: string }) => seen.push(['error', error.code, error.message]));
    socket.on('close', (code, reason) => {
      seen.push(['close', code, reason.toString()]);
      resolve();
    });
    if (fast) takeTextFrames(wire, MOST, { receive });
    void feed(socket);
  });

  async function feed(socket: WebSocket): Promise<void> {
    for (const { copy } of copies.slice(glued)) {
      await new Promise(setImmediate);
      if (wire.destroyed) break;
      wire.push(copy);
      seen.push('piece');
      await resume(socket);
    }
    await new Promise(setImmediate);
    await resume(socket);
    if (!wire.destroyed) wire.push(null);
    wire.end();
  }

  async function resume(socket: WebSocket): Promise<void> {
    if (!paused) return;
    await new Promise(setImmediate);
    paused = false;
    socket.resume();
  }

  await promise;
  for (const { memory, copy } of copies) {
    const before = memory.subarray(0, copy.byteOffset - memory.byteOffset);
    const after = memory.subarray(before.length + copy.length);
    expect([before, after].every((part) => part.every((byte) => byte === 0xaa))).toBe(true);
  }
  seen.push(wire.written.join(''));
  return seen;
}

/** Runs one seed both ways; what was seen of it. */
async function compare(seed: number): Promise<unknown[]> {
  const dice = new Dice(seed);
  const pieces = stream(dice);
  const glued = dice.below(3) === 0 ? dice.below(pieces.length + 1) : 0;
  const act = dice.of(['nothing', 'nothing', 'close', 'terminate', 'pause'] as const);
  const turn = { at: 1 + dice.below(6), act };
  const [stock, fast] = await Promise.all([run(pieces, glued, turn, false), run(pieces, glued, turn, true)]);
  expect(JSON.stringify(fast), `seed ${seed}`).toBe(JSON.stringify(stock));
  return fast;
}

test('the same bytes, however they are cut, give the same messages and the same closes as through ws alone', async () => {
  /** How often each thing was seen. */
  const times = new Map<string, number>();
  for (let batch = 0; batch < 12; batch++) {
    const runs = await Promise.all(Array.from({ length: 200 }, (_, n) => compare(batch * 200 + n)));
    for (const event of runs.flat()) {
      if (!Array.isArray(event)) continue;
      const [kind, what] = event;
      const name = kind === 'close' || kind === 'error' ? `${kind} ${what}` : kind;
      times.set(name, (times.get(name) ?? 0) + 1);
    }
  }
  // Whatever can be seen was, many times over.
  const wanted = [
    ...['message', 'ping', 'pong', 'close 1000', 'close 1005', 'close 1006', 'error WS_ERR_INVALID_UTF8'],
    ...['error WS_ERR_EXPECTED_MASK', 'error WS_ERR_EXPECTED_FIN', 'error WS_ERR_INVALID_OPCODE'],
    ...[
      'error WS_ERR_UNEXPECTED_RSV_1',
      'error WS_ERR_UNEXPECTED_RSV_2_3',
      'error WS_ERR_INVALID_CLOSE_CODE',
    ],
    ...['error WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 'error WS_ERR_TOO_MANY_BUFFERED_PARTS'],
    ...['error WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'error WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
  ];
  expect(wanted.filter((name) => (times.get(name) ?? 0) < 10)).toEqual([]);
  expect(times.get('message')).toBeGreaterThan(5_000);
});
