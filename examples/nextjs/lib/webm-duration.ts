/** The EBML ids of a WebM file's Info and, in it, Duration. */
const INFO = [0x15, 0x49, 0xa9, 0x66];
const DURATION = [0x44, 0x89];
/** Info stands at the beginning of the file; what follows is not looked at. */
const HEAD = 4096;

/**
 * Writes its length into a WebM file: browsers record without knowing it, and players could not seek. A file of
 * another form, or one that has its length, is left as it is.
 */
export async function withDuration(file: Blob, milliseconds: number): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const at = find(head, INFO, 0, head.length);
  if (at < 0) return file;
  const sizeAt = at + INFO.length;
  // A size is as long as its first bit that is set says (RFC 8794, section 4).
  const sizeLength = Math.clz32(head[sizeAt]!) - 23;
  let size = head[sizeAt]! & (0xff >> sizeLength);
  for (const byte of head.subarray(sizeAt + 1, sizeAt + sizeLength)) size = size * 256 + byte;
  const from = sizeAt + sizeLength;
  if (sizeLength > 8 || from + size > head.length) return file;
  if (find(head, DURATION, from, from + size) >= 0) return file;
  const duration = new DataView(new ArrayBuffer(DURATION.length + 1 + 8));
  for (const [index, byte] of [...DURATION, 0x88].entries()) duration.setUint8(index, byte);
  // In units of TimestampScale, which browsers leave at a millisecond.
  duration.setFloat64(DURATION.length + 1, milliseconds);
  const newSize = new DataView(new ArrayBuffer(8));
  newSize.setUint32(0, 0x01000000); // eight bytes long
  newSize.setUint32(4, size + duration.byteLength);
  const parts = [
    file.slice(0, sizeAt),
    newSize,
    file.slice(from, from + size),
    duration,
    file.slice(from + size),
  ];
  return new Blob(parts, { type: file.type });
}

/** Where these bytes begin, or -1. */
function find(bytes: Uint8Array, wanted: number[], from: number, to: number): number {
  for (let at = from; at + wanted.length <= to; at++)
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}
