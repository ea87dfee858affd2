/** A final text frame (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;

let last: Uint8Array | undefined;
let lastFrame: Buffer | undefined;

/**
 * A text frame, header and all, to be written at once. A server's frames are not masked, so the same bytes can
 * go to everybody: a payload that is asked for several times in a row, as in a broadcast, is framed once.
 *
 * @param payload valid UTF-8 that never changes any more
 */
export function textFrame(payload: Uint8Array): Buffer {
  if (payload === last) return lastFrame!;
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = FINAL_TEXT;
  if (head === 2) {
    frame[1] = length;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, head);
  last = payload;
  lastFrame = frame;
  return frame;
}
