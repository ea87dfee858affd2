import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header carries this bearer token (RFC 6750, section 2.1). It takes the same
 * time whatever the header says: hashes of equal length are compared, not the texts.
 */
export function hasBearer(header: string | undefined, token: string): boolean {
  const got = /^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(got), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
