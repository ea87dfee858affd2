/** What a room token is to say. */
export interface RoomTokenOptions {
  /** The room that it opens. */
  room: string;
  /** The peer id that it gives, and no other. */
  peerId: string;
  /**
   * How long it is good, seconds. It is looked at when a peer joins: a call that is going on is not cut.
   * @default 600
   */
  ttlSeconds?: number;
  /** Lets its bearer remove others. @default false */
  host?: boolean;
  /** A name to show. */
  name?: string;
}

const encoder = new TextEncoder();

/**
 * Makes a room token: a JWT (RFC 7519), signed with HS256. For servers, as the secret must not reach a
 * browser; needs nothing but Web Crypto, so it runs on Node and on edge runtimes.
 *
 * @param secret the signaling server's `JWT_SECRET`
 * @throws TypeError if the room, the peer id or the secret is empty, or the time is not above 0 or without end
 */
export async function createRoomToken(options: RoomTokenOptions, secret: string): Promise<string> {
  const { room, peerId, ttlSeconds = 600, host, name } = options;
  if (!room || !peerId) throw new TypeError('A room token needs a room and a peerId.');
  if (!secret) throw new TypeError('A room token needs the secret of the signaling server.');
  if (!(ttlSeconds > 0 && Number.isFinite(ttlSeconds)))
    throw new TypeError('ttlSeconds must be above 0, and finite.');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: peerId,
    room,
    iat: now,
    exp: now + Math.ceil(ttlSeconds),
    ...(name === undefined ? {} : { name }),
    ...(host ? { host: true } : {}),
  };
  const content = `${encodeJson({ alg: 'HS256', typ: 'JWT' })}.${encodeJson(claims)}`;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(content));
  return `${content}.${base64url(new Uint8Array(signature))}`;
}

function encodeJson(value: unknown): string {
  return base64url(encoder.encode(JSON.stringify(value)));
}

/** RFC 4648, section 5, without padding. */
function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
