import { createHash, timingSafeEqual } from 'node:crypto';

/** The token of an `Authorization: Bearer` header (RFC 6750, section 2.1), good or bad; undefined, if it is none. */
export function bearer(header: string | undefined): string | undefined {
  return header !== undefined && /^bearer( |$)/i.test(header)
    ? header.slice('Bearer'.length).trim()
    : undefined;
}

/**
 * Whether an `Authorization` header carries this token. It takes the same time whatever the header says:
 * hashes of equal length are compared, not the texts.
 */
export function hasBearer(header: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(bearer(header) ?? ''), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
