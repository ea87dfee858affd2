import { generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { build, socket } from '../helper.ts';
import {
  encode,
  FORBIDDEN,
  forge,
  JWT_SECRET,
  now,
  REQUIRED,
  refusal,
  tryToken,
  UNAUTHORIZED,
} from './mint.ts';

const claims = () => ({ sub: 'a', room: 'r', exp: now() + 600 });

/** Signed with a real RSA key, as a token of some other service would be. */
async function realRs256(): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
}

const good = () => forge({});
function without(part: number): string {
  const parts = good().split('.');
  parts[part] = '';
  return parts.join('.');
}

/** Everything that is 4501, whichever way it comes. */
const BAD: [name: string, token: () => string | Promise<string>][] = [
  ['alg none without a signature', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
  ['alg none with a good HS256 signature', () => forge({}, { header: { alg: 'none' } })],
  ['alg NONE in capitals', () => `${encode({ alg: 'NONE' })}.${encode(claims())}.`],
  ['no alg at all', () => forge({}, { header: { typ: 'JWT' } })],
  ['another key', () => forge({}, { secret: `${JWT_SECRET}!` })],
  ['an RS256 header over HS256 bytes', () => forge({}, { header: { alg: 'RS256', typ: 'JWT' } })],
  ['a real RS256 token', realRs256],
  ['HS512 with the right key', () => forge({}, { header: { alg: 'HS512' }, hash: 'sha512' })],
  ['HS384 with the right key', () => forge({}, { header: { alg: 'HS384' }, hash: 'sha384' })],
  ['an HS512 header over HS256 bytes', () => forge({}, { header: { alg: 'HS512' } })],
  ['an HS256 header over HS512 bytes', () => forge({}, { hash: 'sha512' })],
  [
    'a critical extension that nobody knows',
    () => forge({}, { header: { alg: 'HS256', crit: ['x'], x: 1 } }),
  ],
  ['expired beyond the leeway', () => forge({ exp: now() - 90 })],
  ['not yet valid beyond the leeway', () => forge({ nbf: now() + 90 })],
  ['no exp', () => forge({ exp: undefined })],
  ['no sub', () => forge({ sub: undefined })],
  ['no room', () => forge({ room: undefined })],
  [
    'an empty set of claims',
    () => forge({ sub: undefined, room: undefined, exp: undefined, iat: undefined }),
  ],
  ['sub a number', () => forge({ sub: 1 })],
  ['sub null', () => forge({ sub: null })],
  ['sub a list', () => forge({ sub: ['a'] })],
  ['room a number', () => forge({ room: 1 })],
  ['room a list', () => forge({ room: ['r'] })],
  ['room an object', () => forge({ room: { id: 'r' } })],
  ['exp a string', () => forge({ exp: String(now() + 600) })],
  ['exp null', () => forge({ exp: null })],
  ['exp true', () => forge({ exp: true })],
  ['nbf a string', () => forge({ nbf: '0' })],
  ['iat a string', () => forge({ iat: 'today' })],
  ['claims that are a list', () => `${encode({ alg: 'HS256' })}.${encode([])}.x`],
  ['no header', () => without(0)],
  ['no signature', () => without(2)],
  ['two parts', () => good().split('.').slice(0, 2).join('.')],
  ['four parts', () => `${good()}.x`],
  [
    'claims of another token under the signature',
    () => {
      const [header, , signature] = good().split('.');
      return `${header}.${encode({ ...claims(), host: true })}.${signature}`;
    },
  ],
  ['garbage', () => 'garbage'],
  ['dots', () => '..'],
  ['20 KB of garbage', () => 'x'.repeat(20_000)],
  [
    '20 KB with good claims and another key',
    () => forge({ name: 'n'.repeat(15_000) }, { secret: 'another' }),
  ],
];

test.each(BAD)('4501 unauthorized in ?token= : %s', async (_name, token) => {
  expect(await refusal(`/ws/r/a?token=${await token()}`)).toEqual(UNAUTHORIZED);
});

test.each(BAD)('4501 unauthorized as a subprotocol entry: %s', async (_name, token) => {
  const protocols = ['record-meet.v1', `token.${await token()}`];
  expect(await refusal('/ws/r/a', {}, protocols)).toEqual(UNAUTHORIZED);
});

test.each(['a b', 'é', '\u0000', '🙂', '%'])('4501 for ?token= with odd characters: %j', async (token) => {
  expect(await refusal(`/ws/r/a?token=${encodeURIComponent(token)}`)).toEqual(UNAUTHORIZED);
});

test('expired within 60 s of leeway is good', async () => {
  const server = await build(REQUIRED);
  expect((await tryToken(server, forge({ exp: now() - 30 })).next()).type).toBe('peers');
});

test('not yet valid within 60 s of leeway is good', async () => {
  const server = await build(REQUIRED);
  expect((await tryToken(server, forge({ nbf: now() + 30 })).next()).type).toBe('peers');
});

test('nbf, iat and name are optional, and unknown claims do no harm', async () => {
  const server = await build(REQUIRED);
  const plain = forge({ iat: undefined });
  expect((await tryToken(server, plain).next()).type).toBe('peers');
  const rich = forge({ nbf: now() - 5, name: 'Ann', aud: 'x', iss: 'y', sub: 'b' });
  expect((await tryToken(server, rich, 'b').next()).type).toBe('peers');
});

test('a good token for another room is 4503 forbidden', async () => {
  expect(await refusal(`/ws/r/a?token=${forge({ room: 'r2' })}`)).toEqual(FORBIDDEN);
  const protocols = ['record-meet.v1', `token.${forge({ room: 'R' })}`];
  expect(await refusal('/ws/r/a', {}, protocols)).toEqual(FORBIDDEN);
});

test('a good token for another peer is 4503 forbidden', async () => {
  expect(await refusal(`/ws/r/a?token=${forge({ sub: 'b' })}`)).toEqual(FORBIDDEN);
  // No normalisation: é in one code point and in two are two peers.
  expect(await refusal(`/ws/r/%C3%A9?token=${forge({ sub: 'e\u0301' })}`)).toEqual(FORBIDDEN);
});

test('sub and room are those of the path percent-decoded', async () => {
  const server = await build(REQUIRED);
  const token = forge({ sub: '🙂/é', room: '__proto__ %' });
  const path = `/ws/${encodeURIComponent('__proto__ %')}/${encodeURIComponent('🙂/é')}`;
  expect((await socket(server, `${path}?token=${token}`).next()).data).toEqual(['🙂/é']);
});

test('an invalid id is 4500 whatever the token', async () => {
  const token = forge({ sub: 'server' });
  expect((await refusal(`/ws/r/server?token=${token}`)).code).toBe(4500);
});

test('who is refused is never in the room', async () => {
  const server = await build(REQUIRED);
  const b = tryToken(server, forge({ sub: 'b' }), 'b');
  await b.next();
  await tryToken(server, forge({}, { secret: 'another' })).closed;
  await tryToken(server, forge({ room: 'r2' })).closed;
  expect(await b.flush()).toEqual([]);
});
