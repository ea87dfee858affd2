import { jwtVerify, SignJWT } from 'jose';
import { CloseCode } from '../protocol/codes.ts';
import { Refusal } from '../protocol/refusal.ts';
import type { Permit } from '../rooms/permit.ts';

/** Seconds by which the clocks of who issues tokens and of this server may differ. */
const LEEWAY = 60;

/** The secret as a key for HMAC-SHA-256 (RFC 7518, section 3.2). */
export function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', Buffer.from(secret), algorithm, false, ['sign', 'verify']);
}

/**
 * Checks a room token: a JWT (RFC 7519) signed with HS256 and nothing else, whatever its header says.
 *
 * @throws Refusal with `unauthorized`, however it is wrong
 */
export async function verifyRoomToken(token: string, key: CryptoKey): Promise<Permit> {
  const { payload } = await jwtVerify(token, key, {
    algorithms: ['HS256'],
    clockTolerance: LEEWAY,
    requiredClaims: ['sub', 'room', 'exp'],
  }).catch(() => {
    throw new Refusal(CloseCode.Unauthorized);
  });
  const { sub, room, exp, iat, host } = payload;
  const good = typeof sub === 'string' && typeof room === 'string' && typeof exp === 'number';
  if (!good || (iat !== undefined && typeof iat !== 'number')) throw new Refusal(CloseCode.Unauthorized);
  return {
    room,
    peer: sub,
    host: host === true,
    issuedAt: iat,
    expiresAt: exp + LEEWAY,
    // Decoded once: the last letter of a base64url text can be written in several ways.
    signature: Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url').toString('base64url'),
  };
}

/** Makes a room token that is good for a minute. */
export function signRoomToken(room: string, peer: string, key: CryptoKey): Promise<string> {
  return new SignJWT({ room })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(peer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key);
}
