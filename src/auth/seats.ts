import { createHmac } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { hmacKey } from './room-tokens.ts';

/** How long a seat is good, seconds: longer than any call, so that only the grace decides. */
const LIFE = 7 * 24 * 3600;

/** Whose seat it is. */
export interface Seat {
  sessionId: string;
  /** Seconds since 1970. */
  issuedAt: number;
}

/**
 * Seats: signed statements (JWT, HS256) that a client had this peer id in this room under this session. Any
 * instance with the same secret can check them, after a restart too.
 */
export class Seats {
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** The key is derived from the secret: a seat must not pass for a room token, nor a token for a seat. */
  static async of(secret: string): Promise<Seats> {
    return new Seats(await hmacKey(createHmac('sha256', secret).update('record-meet seat').digest('base64')));
  }

  issue(room: string, peer: string, sessionId: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ room, sid: sessionId, iat: now, exp: now + LIFE })
      .setSubject(peer)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(this.#key);
  }

  /** Whose seat this is; undefined if it is forged, expired, or of another room or peer. */
  async check(seat: string, room: string, peer: string): Promise<Seat | undefined> {
    try {
      const { payload } = await jwtVerify(seat, this.#key, { algorithms: ['HS256'], subject: peer });
      const { sid, iat = 0 } = payload;
      return payload.room === room && typeof sid === 'string' ? { sessionId: sid, issuedAt: iat } : undefined;
    } catch {
      return undefined;
    }
  }
}
