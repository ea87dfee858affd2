const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;

/**
 * Finds the text of the last top-level `data` in a JSON object (RFC 8259; of duplicate keys the last
 * counts, as for JSON.parse).
 *
 * The caller has parsed the text: it is a valid JSON object with a `data`. So only strings and brackets
 * need a look; bytes above 0x7f stand in strings alone and are none of those.
 */
export function findData(bytes: Uint8Array): { start: number; end: number } {
  let start = 0;
  let end = 0;
  let at = skipSpace(bytes, 0) + 1; // behind the {
  for (;;) {
    const key = skipSpace(bytes, at);
    const keyEnd = skipString(bytes, key);
    const value = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1); // behind the :
    const valueEnd = skipValue(bytes, value);
    if (isData(bytes, key, keyEnd)) {
      start = value;
      end = valueEnd;
    }
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] !== COMMA) return { start, end };
    at++;
  }
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (bytes[at]! <= SPACE) at++;
  return at;
}

/** From an opening quote to behind the closing one. */
function skipString(bytes: Uint8Array, at: number): number {
  for (at++; ; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
}

function skipValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return skipString(bytes, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(bytes, at);
  for (; ; at++) {
    const byte = bytes[at]!;
    if (byte === COMMA || byte === CLOSE_BRACE || byte <= SPACE) return at;
  }
}

/** Counts instead of recursing: ten thousand nested arrays are one message like any other. */
function skipNested(bytes: Uint8Array, at: number): number {
  for (let depth = 0; ; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
}

const textDecoder = new TextDecoder();

/** Whether the key in these bytes, quotes included, is `data`, however it is escaped. */
function isData(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length === 6) {
    return (
      bytes[from + 1] === 0x64 &&
      bytes[from + 2] === 0x61 &&
      bytes[from + 3] === 0x74 &&
      bytes[from + 4] === 0x61
    );
  }
  // Each of the four letters may be written as \u0064 and so on: 11 to 26 bytes.
  if (length < 11 || length > 26) return false;
  for (let at = from; at < to; at++) {
    if (bytes[at] === BACKSLASH) return JSON.parse(textDecoder.decode(bytes.subarray(from, to))) === 'data';
  }
  return false;
}
