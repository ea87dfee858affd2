/**
 * JSON (RFC 8259) checked where it lies: each function takes where something begins and tells where it ends,
 * or NOT, if it is none or one that is too unusual for here. Reading past the end of the bytes gives undefined,
 * which is no character, so that no function needs to know where the end is.
 */

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
export const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
export const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

const ESCAPED = marks('"\\/bfnrt');
const HEX = marks('0123456789abcdefABCDEF');
const DIGIT = marks('0123456789');

/** The deepest nesting that is read here. */
const DEEPEST = 30;

/** Not what was looked for. */
export const NOT = -1;

/** Whether `name`, ASCII, is what stands from `from` on for `length` bytes. */
export function is(bytes: Uint8Array, from: number, length: number, name: Uint8Array): boolean {
  if (length !== name.length) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== name[i]) return false;
  return true;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function marks(chars: string): Uint8Array {
  const marked = new Uint8Array(256);
  for (const byte of ascii(chars)) marked[byte] = 1;
  return marked;
}

/** Behind white space, if there is any. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  for (; ; at++) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== LINE_FEED && byte !== RETURN && byte !== TAB) return at;
  }
}

/** Behind the string without escapes that begins here. */
export function skipName(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return NOT;
  for (at++; ; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    // Past the end of the bytes there is no number, and of those nothing is true.
    if (byte === BACKSLASH || !(byte >= SPACE)) return NOT;
  }
}

/** Behind the string that begins here. */
function skipString(bytes: Uint8Array, at: number): number {
  for (at++; ; at++) {
    const byte = bytes[at]!;
    if (byte > BACKSLASH) continue; // most of what is in a string
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      at++;
      if (ESCAPED[bytes[at]!] === 1) continue;
      if (bytes[at] !== 0x75 || !isHex4(bytes, at + 1)) return NOT;
      at += 4;
    } else if (!(byte >= SPACE)) {
      return NOT; // a control character, or the end of the bytes
    }
  }
}

function isHex4(bytes: Uint8Array, at: number): boolean {
  return (
    HEX[bytes[at]!] === 1 &&
    HEX[bytes[at + 1]!] === 1 &&
    HEX[bytes[at + 2]!] === 1 &&
    HEX[bytes[at + 3]!] === 1
  );
}

/** Behind the value that begins here. */
export function skipValue(bytes: Uint8Array, at: number): number {
  let depth = 0;
  /** A bit for each level: 1 is an object, 0 an array. */
  let objects = 0;
  for (;;) {
    const first = bytes[at];
    let open = false;
    if (first === QUOTE) {
      at = skipString(bytes, at);
    } else if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (depth === DEEPEST) return NOT;
      const inside = skipSpace(bytes, at + 1);
      if (bytes[inside] === first + 2) {
        at = inside + 1;
      } else {
        depth++;
        objects = (objects << 1) | (first === OPEN_BRACE ? 1 : 0);
        at = inside;
        open = true;
      }
    } else {
      at = skipScalar(bytes, at);
    }
    if (at === NOT) return NOT;
    while (!open) {
      if (depth === 0) return at;
      at = skipSpace(bytes, at);
      const next = bytes[at];
      if (next === COMMA) {
        at = skipSpace(bytes, at + 1);
        open = true;
      } else if (next === ((objects & 1) === 1 ? CLOSE_BRACE : CLOSE_BRACKET)) {
        at++;
        depth--;
        objects >>= 1;
      } else {
        return NOT;
      }
    }
    if ((objects & 1) === 1) {
      if (bytes[at] !== QUOTE) return NOT;
      at = skipString(bytes, at);
      if (at === NOT) return NOT;
      at = skipSpace(bytes, at);
      if (bytes[at] !== COLON) return NOT;
      at = skipSpace(bytes, at + 1);
    }
  }
}

const LITERALS = [ascii('true'), ascii('false'), ascii('null')];

function skipScalar(bytes: Uint8Array, at: number): number {
  for (const literal of LITERALS) {
    if (bytes[at] === literal[0]) return is(bytes, at, literal.length, literal) ? at + literal.length : NOT;
  }
  if (bytes[at] === MINUS) at++;
  if (bytes[at] === ZERO) at++;
  else if ((at = skipDigits(bytes, at)) === NOT) return NOT;
  if (bytes[at] === DOT && (at = skipDigits(bytes, at + 1)) === NOT) return NOT;
  if ((bytes[at]! | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return skipDigits(bytes, sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
}

/** Behind one digit or more. */
function skipDigits(bytes: Uint8Array, at: number): number {
  if (DIGIT[bytes[at]!] !== 1) return NOT;
  while (DIGIT[bytes[at]!] === 1) at++;
  return at;
}
