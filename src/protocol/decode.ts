import { ErrorCode } from './codes.ts';
import { findData } from './find-data.ts';
import { hasIdLength } from './ids.ts';
import { type ClientType, type Dialect, plainTypes, v1Types } from './messages.ts';
import { whatMisses } from './needs.ts';
import { readUsual, type Utf8 } from './read-usual.ts';

/** A client's message, checked. Its `data` stays where it came: `bytes`, from `start` to before `end`. */
export interface Decoded {
  type: ClientType;
  /** The peer that is meant; empty is none. */
  to: string;
  id: string | undefined;
  bytes: Utf8;
  start: number;
  /** Equal to `start` if there is no `data`. */
  end: number;
}

/** Why a message was not taken; told to its sender. `id` is the message's own, if it had a good one. */
export interface Rejected {
  code: ErrorCode;
  message: string;
  id: string | undefined;
}

/**
 * Reads one text frame.
 *
 * @param bytes the frame's payload, valid UTF-8
 */
export function decode(bytes: Utf8, dialect: Dialect = 'plain'): Decoded | Rejected {
  return readUsual(bytes, dialect) ?? readAny(bytes, dialect);
}

/** Reads whatever may come, as JSON.parse understands it. */
export function readAny(bytes: Utf8, dialect: Dialect): Decoded | Rejected {
  let envelope: Record<string, unknown>;
  try {
    // The parse is there to reject what is no JSON and to read the envelope: `data` leaves as the bytes
    // that came, because a parsed 1e400 or 12345678901234567890 could not be written again.
    envelope = JSON.parse(bytes.toString());
  } catch {
    return reject(ErrorCode.InvalidJson, 'The message is not valid JSON.', undefined);
  }
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    return reject(ErrorCode.InvalidMessage, 'The message must be a JSON object.', undefined);
  }
  const { type, to = '', id } = envelope;
  if (id !== undefined && !(typeof id === 'string' && hasIdLength(id))) {
    return reject(ErrorCode.InvalidMessage, '"id" must be a string of 1 to 128 characters.', undefined);
  }
  if (typeof type !== 'string') {
    return reject(ErrorCode.InvalidMessage, '"type" must be a string.', id);
  }
  if (typeof to !== 'string') {
    return reject(ErrorCode.InvalidMessage, '"to" must be a string.', id);
  }
  if (!isClientType(type, dialect)) {
    return reject(ErrorCode.UnknownType, `There is no message type ${quote(type)}.`, id);
  }
  const missing = whatMisses(type, to, id, Object.hasOwn(envelope, 'data'));
  if (missing !== undefined) return reject(ErrorCode.InvalidMessage, `"${type}" needs "${missing}".`, id);
  if (!Object.hasOwn(envelope, 'data')) return { type, to, id, bytes, start: 0, end: 0 };
  const { start, end } = findData(bytes);
  return { type, to, id, bytes, start, end };
}

/** A client's text inside a message of ours: shortened, and escaped as JSON. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

function isClientType(type: string, dialect: Dialect): type is ClientType {
  const known = (types: readonly string[]) => types.includes(type);
  return known(plainTypes) || (dialect === 'v1' && known(v1Types));
}

function reject(code: ErrorCode, message: string, id: string | undefined): Rejected {
  return { code, message, id };
}
