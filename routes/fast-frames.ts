import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';

/** A final, uncompressed text frame. */
const WHOLE_TEXT = 0x81;
const PING = 0x89;
const PONG = 0x8a;
const MASKED = 0x80;
/** The longest payload of a control frame (RFC 6455, section 5.5). */
const MOST_CONTROL = 125;

/** Pieces of one frame that wait one by one. */
const MOST_PARTS = 64;

const NONE: Buffer[] = [];

type Listener = (chunk: Buffer) => void;

/** Who gets the messages. */
export interface Receiver {
  /** A text message came: `bytes` are valid UTF-8. Must not throw. */
  receive(bytes: Buffer): void;
}

/**
 * Reads whole text frames straight from a TCP socket and leaves all else to the WebSocket library, whose `data`
 * listener it steps in front of: by public means, `listeners`, `on` and `off` of the socket. What always holds:
 *
 * - It looks at bytes only where a frame begins, while the library holds no part of a frame and no fragment of a
 *   message. The beginning of a frame of which the rest is still to come waits here.
 * - It takes only final text frames (no reserved bit set: no extension is negotiated) that are masked, no
 *   longer than the longest message, and valid UTF-8.
 * - It gives pings and pongs to the library, frame by frame, and goes on behind them.
 * - At anything else, good or bad (a close, a fragment, a binary frame, a broken header, a message that is too
 *   long, invalid UTF-8), the library gets its listener back, and everything from that frame on.
 *
 * So the library sees each frame that is not taken here, whole and in its place, and none that was. It reads
 * what it is given at once, as long as its events are synchronous, which is its default. A socket that it has
 * paused gives no chunks to either.
 */
class FastFrames {
  readonly #socket: Duplex;
  readonly #theirs: Listener;
  readonly #most: number;
  readonly #receiver: Receiver;
  readonly #ours: Listener;
  /** The beginning of a frame, in pieces, */
  #parts: Buffer[] = NONE;
  /** of this many bytes together. */
  #held = 0;
  /** No look at it is worth while before there are so many. */
  #wanted = 0;

  constructor(socket: Duplex, theirs: Listener, most: number, receiver: Receiver) {
    this.#socket = socket;
    this.#theirs = theirs;
    this.#most = most || Number.MAX_SAFE_INTEGER; // the library takes no more either
    this.#receiver = receiver;
    this.#ours = (chunk) => this.#read(chunk);
    socket.on('data', this.#ours);
    socket.off('data', theirs);
  }

  #read(chunk: Buffer): void {
    if (this.#held > 0) {
      this.#parts.push(chunk);
      this.#held += chunk.length;
      if (this.#held < this.#wanted) {
        // One that comes byte by byte would be a hundred times as large in memory.
        if (this.#parts.length === MOST_PARTS) this.#parts = [Buffer.concat(this.#parts, this.#held)];
        return;
      }
      chunk = Buffer.concat(this.#parts, this.#held);
      this.#parts = NONE;
      this.#held = 0;
    }
    const { length } = chunk;
    for (let at = 0; at < length; ) {
      if (at + 2 > length) return this.#hold(chunk, at, at + 2);
      const first = chunk[at]!;
      const second = chunk[at + 1]!;
      let size = second - MASKED;
      const control = (first === PING || first === PONG) && size <= MOST_CONTROL;
      if (size < 0 || !(first === WHOLE_TEXT || control)) return this.#giveBack(chunk, at);
      let mask = at + 2;
      if (size > MOST_CONTROL) {
        mask += size === 126 ? 2 : 8;
        if (mask > length) return this.#hold(chunk, at, mask);
        size = size === 126 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2));
      }
      if (size > this.#most) return this.#giveBack(chunk, at);
      const begin = mask + 4;
      const end = begin + size;
      if (end > length) return this.#hold(chunk, at, end);
      if (control) {
        this.#give(chunk, at, end);
      } else {
        unmask(chunk, mask, begin, end);
        const payload = chunk.subarray(begin, end);
        if (!isUtf8(payload)) {
          unmask(chunk, mask, begin, end); // as it came
          return this.#giveBack(chunk, at);
        }
        this.#receiver.receive(payload);
      }
      at = end;
    }
  }

  #hold(chunk: Buffer, from: number, wanted: number): void {
    const rest = chunk.subarray(from);
    let part = rest;
    // A copy, so that a few bytes do not keep all that they came with.
    if (rest.length < from) {
      part = Buffer.allocUnsafeSlow(rest.length);
      part.set(rest);
    }
    this.#parts = [part];
    this.#held = part.length;
    this.#wanted = wanted - from;
  }

  #give(chunk: Buffer, from: number, to: number): void {
    this.#theirs.call(this.#socket, from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
  }

  /** The rest of this connection is the library's. */
  #giveBack(chunk: Buffer, from: number): void {
    this.#socket.on('data', this.#theirs);
    this.#socket.off('data', this.#ours);
    this.#give(chunk, from, chunk.length);
  }
}

/**
 * Takes whole text frames off a socket before the WebSocket library sees them. Where the library does not listen
 * as expected, it goes on to read everything.
 *
 * @param socket one that the library has just made its own; no extensions are negotiated
 * @param most the longest message, bytes; 0: no limit
 * @param receiver gets each message that is taken
 */
export function takeTextFrames(socket: Duplex, most: number, receiver: Receiver): void {
  const [theirs, ...others] = socket.listeners('data');
  if (theirs && others.length === 0) new FastFrames(socket, theirs as Listener, most, receiver);
}

const key = new Uint8Array(4);
const keyWord = new Int32Array(key.buffer);

/**
 * Takes the mask off a payload, or puts it on again, in place (RFC 6455, section 5.3): four bytes at a time
 * where these are aligned in memory.
 *
 * @param mask where its four bytes stand
 */
function unmask(bytes: Buffer, mask: number, begin: number, end: number): void {
  const aligned = Math.min(end, begin + (-(bytes.byteOffset + begin) & 3));
  const words = (end - aligned) >> 2;
  const tail = aligned + 4 * words;
  const phase = aligned - begin;
  for (let i = 0; i < 4; i++) key[i] = bytes[mask + ((phase + i) & 3)]!;
  for (let at = begin; at < aligned; at++) bytes[at]! ^= bytes[mask + ((at - begin) & 3)]!;
  if (words > 0) {
    const view = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, words);
    const word = keyWord[0]!;
    for (let i = 0; i < words; i++) view[i]! ^= word;
  }
  for (let at = tail; at < end; at++) bytes[at]! ^= key[(at - tail) & 3]!;
}
