import { expect, test } from 'vitest';
import { build, join, socket, until } from '../helper.ts';
import { enter, FORBIDDEN, forge, JWT_SECRET, mint, REQUIRED, tryToken, UNAUTHORIZED } from './mint.ts';

const REPLACED = { code: 4510, reason: 'replaced' };

test('the owner of a token takes its place over at once: 4510, and peer-left, new-peer for the others', async () => {
  const server = await build({ JWT_SECRET });
  const b = await join(server, 'r', 'b');
  const old = await enter(server, await mint('a'), 'a');
  await b.flush();
  const newer = tryToken(server, await mint('a'));
  expect(await old.closed).toEqual(REPLACED);
  expect((await newer.next()).data).toEqual(['b', 'a']);
  expect((await b.flush()).map(({ type, data }) => ({ type, data }))).toEqual([
    { type: 'peer-left', data: 'a' },
    { type: 'new-peer', data: 'a' },
    { type: 'peers', data: ['b', 'a'] },
  ]);
  // The end of the older socket removed nothing of the newer one's.
  newer.send({ type: 'offer', to: 'b', data: 1 });
  expect(await b.next()).toMatchObject({ type: 'offer', from: 'a', data: 1 });
});

test('the same token may take over its own place', async () => {
  const server = await build(REQUIRED);
  const token = await mint('a');
  const old = await enter(server, token, 'a');
  expect((await tryToken(server, token).next()).data).toEqual(['a']);
  expect(await old.closed).toEqual(REPLACED);
});

test('a stranger without a token can not displace a live owner: 4509', async () => {
  const server = await build({ JWT_SECRET });
  const b = await join(server, 'r', 'b');
  const owner = await enter(server, await mint('a'), 'a');
  await b.flush();
  const stranger = socket(server, '/ws/r/a');
  expect(await stranger.closed).toEqual({ code: 4509, reason: 'peer-id-in-use' });
  expect(await b.flush()).toEqual([]);
  owner.send({ type: 'offer', to: 'b', data: 'mine' });
  expect(await b.next()).toMatchObject({ type: 'offer', from: 'a', data: 'mine' });
});

test('a bad token, or one of another, displaces nobody either', async () => {
  const server = await build({ JWT_SECRET });
  const owner = await enter(server, await mint('a'), 'a');
  expect(await tryToken(server, forge({}, { secret: 'another' })).closed).toEqual(UNAUTHORIZED);
  expect(await tryToken(server, await mint('b')).closed).toEqual(FORBIDDEN);
  expect(await tryToken(server, await mint('b', { host: true })).closed).toEqual(FORBIDDEN);
  expect(await owner.flush()).toEqual([]);
});

test('the owner takes the place back from a stranger who sat there first', async () => {
  const server = await build({ JWT_SECRET });
  const stranger = await join(server, 'r', 'a');
  const owner = tryToken(server, await mint('a'));
  expect(await stranger.closed).toEqual(REPLACED);
  expect((await owner.next()).data).toEqual(['a']);
});

test('of ten joins at once with one token exactly one stays, and the others are 4510', async () => {
  const server = await build(REQUIRED);
  const b = await enter(server, await mint('b'), 'b');
  const token = await mint('a');
  const all = Array.from({ length: 10 }, () => tryToken(server, token));
  const codes: number[] = [];
  for (const one of all) one.closed.then(({ code }) => codes.push(code));
  await until(() => codes.length === 9);
  expect(codes).toEqual(Array(9).fill(4510));
  // Each arrival and each departure was told, in turn, and the last word is that a is here.
  const told = (await b.flush()).filter(({ type }) => type !== 'peers').map(({ type }) => type);
  expect(told).toEqual(Array.from({ length: 19 }, (_, n) => (n % 2 === 0 ? 'new-peer' : 'peer-left')));
});
