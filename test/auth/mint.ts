import { createHmac } from 'node:crypto';
import { createRoomToken, type RoomTokenOptions } from '../../client/src/server.ts';
import { build, socket, type TestServer, type TestSocket } from '../helper.ts';

/** The key of the servers under test. */
export const JWT_SECRET = 'a-secret-of-the-tests-that-is-long-enough';

/** The environment of a server that lets nobody in without a token. */
export const REQUIRED = { AUTH: 'required', JWT_SECRET };

/** A good token for this peer in room `r`, made as an application makes it. */
export function mint(peerId: string, more: Partial<RoomTokenOptions> = {}): Promise<string> {
  return createRoomToken({ room: 'r', peerId, ...more }, JWT_SECRET);
}

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** A JWT put together by hand, so that it can be wrong in any way: `undefined` leaves a claim out. */
export function forge(
  claims: Record<string, unknown>,
  { header = { alg: 'HS256', typ: 'JWT' } as object, secret = JWT_SECRET, hash = 'sha256' } = {},
): string {
  const all = { sub: 'a', room: 'r', iat: now(), exp: now() + 600, ...claims };
  const content = `${encode(header)}.${encode(all)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A join with a token in the query, not yet answered. */
export function tryToken(server: { port: number }, token: string, peer = 'a', headers = {}): TestSocket {
  return socket(server, `/ws/r/${peer}?token=${encodeURIComponent(token)}`, { headers });
}

/** A join that a token opens; its first `peers` is read away. */
export async function enter(server: { port: number }, token: string, peer: string): Promise<TestSocket> {
  const opened = tryToken(server, token, peer);
  const first = await opened.next();
  if (first.type !== 'peers') throw new Error(`expected peers, got ${first.type}`);
  return opened;
}

/** A server of its own, and the code and reason that a join to it is closed with. */
export async function refusal(path: string, env: Record<string, string> = {}, protocols: string[] = []) {
  const server: TestServer = await build({ ...REQUIRED, ...env });
  return socket(server, path, {}, protocols).closed;
}

export const UNAUTHORIZED = { code: 4501, reason: 'unauthorized' };
export const FORBIDDEN = { code: 4503, reason: 'forbidden' };
export const REMOVED = { code: 4511, reason: 'removed' };
