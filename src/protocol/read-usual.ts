import type { Decoded } from './decode.ts';
import { hasIdLength } from './ids.ts';
import {
  ascii,
  CLOSE_BRACE,
  COLON,
  COMMA,
  is,
  NOT,
  OPEN_BRACE,
  skipName,
  skipSpace,
  skipValue,
} from './json-scan.ts';
import { type ClientType, type Dialect, plainTypes, v1Types } from './messages.ts';
import { whatMisses } from './needs.ts';

/** UTF-8 that can be read in parts, as a Buffer can. */
export interface Utf8 extends Uint8Array {
  toString(encoding?: 'utf8', start?: number, end?: number): string;
}

/**
 * Reads the message that a client usually sends in one pass over its bytes. That is quicker than JSON.parse,
 * which builds all that it finds, and wants a string. What is read is valid JSON (RFC 8259) and means the same
 * as to JSON.parse; undefined says no more than that JSON.parse is to decide. That is so for whatever is wrong,
 * for nesting deeper than thirty, and for escapes in the envelope's own keys and strings.
 *
 * @param bytes valid UTF-8
 */
export function readUsual(bytes: Utf8, dialect: Dialect): Decoded | undefined {
  const { length } = bytes;
  let type: ClientType | undefined;
  let to = '';
  let id: string | undefined;
  let start = 0;
  let end = 0;
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return undefined;
  do {
    const key = skipSpace(bytes, at + 1);
    const keyEnd = skipName(bytes, key);
    if (keyEnd === NOT) return undefined;
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) return undefined;
    const value = skipSpace(bytes, at + 1);
    const keyLength = keyEnd - key - 2;
    if (is(bytes, key + 1, keyLength, DATA)) {
      at = skipValue(bytes, value);
      start = value;
      end = at;
    } else if (is(bytes, key + 1, keyLength, TYPE)) {
      at = skipName(bytes, value);
      type = typeAt(bytes, value + 1, at - value - 2, dialect);
      if (type === undefined) return undefined;
    } else if (is(bytes, key + 1, keyLength, TO)) {
      at = skipName(bytes, value);
      if (at !== NOT) to = bytes.toString('utf8', value + 1, at - 1);
    } else if (is(bytes, key + 1, keyLength, ID)) {
      at = skipName(bytes, value);
      if (at !== NOT) id = bytes.toString('utf8', value + 1, at - 1);
    } else {
      at = skipValue(bytes, value);
    }
    if (at === NOT) return undefined;
    at = skipSpace(bytes, at);
  } while (bytes[at] === COMMA);
  if (bytes[at] !== CLOSE_BRACE || skipSpace(bytes, at + 1) !== length || type === undefined)
    return undefined;
  if (whatMisses(type, to, id, end > 0) !== undefined || (id !== undefined && !hasIdLength(id)))
    return undefined;
  return { type, to, id, bytes, start, end };
}

const TYPE = ascii('type');
const TO = ascii('to');
const ID = ascii('id');
const DATA = ascii('data');
const TYPES = [...plainTypes, ...v1Types].map((type, at) => ({
  type,
  name: ascii(type),
  v1: at >= plainTypes.length,
}));

function typeAt(bytes: Uint8Array, from: number, length: number, dialect: Dialect): ClientType | undefined {
  for (const { type, name, v1 } of TYPES) {
    if (is(bytes, from, length, name)) return v1 && dialect !== 'v1' ? undefined : type;
  }
  return undefined;
}
