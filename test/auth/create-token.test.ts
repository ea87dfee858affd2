import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { runInNewContext } from 'node:vm';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { createRoomToken, type RoomTokenOptions } from '../../client/src/server.ts';
import { build } from '../helper.ts';
import { enter, JWT_SECRET, now, REQUIRED } from './mint.ts';

const KEY = new TextEncoder().encode(JWT_SECRET);
const SOURCE = new URL('../../client/src/server.ts', import.meta.url);

async function claimsOf(token: string) {
  return (await jwtVerify(token, KEY, { algorithms: ['HS256'] })).payload;
}

test('sub is the peer id, room the room, iat now and exp ten minutes later; nothing else', async () => {
  const before = now();
  const token = await createRoomToken({ room: 'r', peerId: 'a' }, JWT_SECRET);
  const { iat, exp, ...rest } = await claimsOf(token);
  expect(rest).toEqual({ sub: 'a', room: 'r' });
  expect(iat).toBeGreaterThanOrEqual(before);
  expect(iat).toBeLessThanOrEqual(now());
  expect(exp! - iat!).toBe(600);
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
});

test('ttlSeconds, host and name are taken over, in whole seconds', async () => {
  const options = { room: 'r', peerId: 'a', ttlSeconds: 1.5, host: true, name: 'Ann 🙂' };
  const { iat, exp, ...rest } = await claimsOf(await createRoomToken(options, JWT_SECRET));
  expect(rest).toEqual({ sub: 'a', room: 'r', host: true, name: 'Ann 🙂' });
  expect(exp! - iat!).toBe(2);
});

test('host: false is no claim at all', async () => {
  const token = await createRoomToken({ room: 'r', peerId: 'a', host: false }, JWT_SECRET);
  expect(await claimsOf(token)).not.toHaveProperty('host');
});

test('the header and claims stand in a URL as they are, whatever the ids', async () => {
  for (const id of ['é🙂', '????>>>>', '\u00ff\u00fe', 'a/b+c=d', 'x'.repeat(128)]) {
    const token = await createRoomToken({ room: id, peerId: id }, JWT_SECRET);
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await claimsOf(token)).toMatchObject({ sub: id, room: id });
  }
});

const good = { room: 'r', peerId: 'a' };
const WRONG: [string, RoomTokenOptions, string][] = [
  ['an empty room', { ...good, room: '' }, JWT_SECRET],
  ['an empty peer id', { ...good, peerId: '' }, JWT_SECRET],
  ['an empty secret', good, ''],
  ['a time of 0', { ...good, ttlSeconds: 0 }, JWT_SECRET],
  ['a time below 0', { ...good, ttlSeconds: -1 }, JWT_SECRET],
  ['a time that is no number', { ...good, ttlSeconds: Number.NaN }, JWT_SECRET],
  // JSON has no infinity: the token would have exp null, and be good nowhere.
  ['a time without end', { ...good, ttlSeconds: Number.POSITIVE_INFINITY }, JWT_SECRET],
];

test.each(WRONG)('a TypeError for %s', async (_name, options, secret) => {
  const failed = createRoomToken(options, secret);
  await expect(failed).rejects.toThrow(TypeError);
  await expect(failed).rejects.not.toThrow(JWT_SECRET);
});

test('it runs where there is nothing but the language, Web Crypto and text encoding', async () => {
  const source = stripTypeScriptTypes(await readFile(SOURCE, 'utf8'));
  expect(source).not.toMatch(/^\s*import\b|\bimport\(|\brequire\(/m);
  const script = `${source.replaceAll(/^export /gm, '')}\ncreateRoomToken(options, secret)`;
  const context = { crypto, TextEncoder, btoa, options: { room: 'r', peerId: 'é' }, secret: JWT_SECRET };
  const token: string = await runInNewContext(script, context);
  expect(await claimsOf(token)).toMatchObject({ sub: 'é', room: 'r' });
});

test('the server lets its bearer in', async () => {
  const server = await build(REQUIRED);
  const a = await enter(server, await createRoomToken(good, JWT_SECRET), 'a');
  expect(await a.flush()).toEqual([]);
});
