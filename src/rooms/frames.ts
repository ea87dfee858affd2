import type { Decoded } from '../protocol/decode.ts';
import type { ServerType } from '../protocol/messages.ts';

/**
 * Frames are built as bytes, once for all who get them. The parts that a peer repeats in each message are
 * encoded when it joins, and `data` is copied from the frame that it came in.
 */

const head = {
  offer: Buffer.from('{"type":"offer"'),
  answer: Buffer.from('{"type":"answer"'),
  ice: Buffer.from('{"type":"ice"'),
  chat: Buffer.from('{"type":"chat"'),
  pong: Buffer.from('{"type":"pong"'),
  ack: Buffer.from('{"type":"ack"'),
  state: Buffer.from('{"type":"state"'),
} as const;
const DATA = Buffer.from(',"data":');
const CLOSE_BRACE = 0x7d;

/** `,"room":…,"from":…` of everything that one peer, or the server, says in a room. */
export function stamp(room: string, from: string): Buffer {
  return lasting(`,"room":${JSON.stringify(room)},"from":${JSON.stringify(from)}`);
}

/** `,"to":…` of everything that is meant for one peer. */
export function address(to: string): Buffer {
  return lasting(`,"to":${JSON.stringify(to)}`);
}

/** Bytes of memory that is shared by what is kept for as long as a peer. */
const SLAB = 4096;
let slab = Buffer.allocUnsafeSlow(SLAB);
let used = 0;

/**
 * A text as bytes that are to be kept for long. Buffer.from would put them among frames that are gone at once,
 * and each would hold the memory of all of those.
 */
function lasting(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(Math.max(SLAB, length));
    used = 0;
  }
  const bytes = slab.subarray(used, (used += length));
  bytes.write(text);
  return bytes;
}

/** What follows `data` in a chat to a room: its number, and the time at which it was taken (ms since 1970). */
export function chatTail(seq: number | undefined, time: number): string {
  return `${seq === undefined ? '' : `,"seq":${seq}`},"time":"${new Date(time).toISOString()}"`;
}

/**
 * The two ends of a chat message's frame; its number comes between them.
 *
 * @param time ms since 1970
 */
export function chatEnds(from: Buffer, message: Decoded, time: number): { head: string; tail: string } {
  const frame = relay('chat', from, undefined, message).toString();
  const id = message.id === undefined ? '' : `,"id":${JSON.stringify(message.id)}`;
  return {
    head: `${frame.slice(0, frame.length - id.length - 1)},"seq":`,
    tail: `,"time":"${new Date(time).toISOString()}"${id}}`,
  };
}

/**
 * A client's message as it goes on: its own `data` and `id`, under a true sender.
 *
 * @param type what it is to be
 * @param from the sender's `stamp`
 * @param to the receiver's `address`, if one is meant
 * @param tail further fields, as JSON text that begins with a comma
 */
export function relay(
  type: keyof typeof head,
  from: Buffer,
  to: Buffer | undefined,
  message: Decoded,
  tail = '',
): Buffer {
  if (message.id !== undefined) tail += `,"id":${JSON.stringify(message.id)}`;
  const { bytes, start, end } = message;
  const begin = head[type];
  const tailLength = tail === '' ? 0 : Buffer.byteLength(tail);
  const dataLength = end > start ? DATA.length + end - start : 0;
  const frame = Buffer.allocUnsafe(
    begin.length + from.length + (to?.length ?? 0) + dataLength + tailLength + 1,
  );
  frame.set(begin, 0);
  let at = begin.length;
  frame.set(from, at);
  at += from.length;
  if (to !== undefined) {
    frame.set(to, at);
    at += to.length;
  }
  if (dataLength > 0) {
    frame.set(DATA, at);
    at += DATA.length;
    frame.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  if (tailLength > 0) at += frame.write(tail, at);
  frame[at] = CLOSE_BRACE;
  return frame;
}

/**
 * A message of the server's own.
 *
 * @param from the server's `stamp` for the room
 * @param tail further fields, as JSON text that begins with a comma
 */
export function say(type: ServerType, from: Buffer, data: unknown, id?: string, tail = ''): Buffer {
  const beside = id === undefined ? tail : `${tail},"id":${JSON.stringify(id)}`;
  return sayText(type, from, JSON.stringify(data), beside);
}

/** The same, with `data` that is JSON text already. */
export function sayText(type: ServerType, from: Buffer, data: string, tail = ''): Buffer {
  return Buffer.from(`{"type":"${type}"${from.toString()},"data":${data}${tail}}`);
}
