import { afterEach, expect, test, vi } from 'vitest';
import { build, socket } from '../helper.ts';
import { enter, forge, mint, now, REQUIRED, tryToken, UNAUTHORIZED } from './mint.ts';

afterEach(() => void vi.useRealTimers());

test('a token that expires during a call cuts nobody off; the next join needs a fresh one', async () => {
  const server = await build({ ...REQUIRED, HEARTBEAT_SECONDS: '0.2' });
  const token = await mint('a', { ttlSeconds: 1 });
  const a = await enter(server, token, 'a');
  const b = await enter(server, await mint('b'), 'b');
  // Only the clock on the wall moves: two hours on.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
  // Two rounds of the heartbeat, the one thing that looks at those who sit.
  for (const _round of [1, 2]) await new Promise((resolve) => a.ws.once('ping', resolve));
  a.send({ type: 'offer', to: 'b', data: 'still here' });
  expect(await b.nextOf('offer')).toMatchObject({ from: 'a', data: 'still here' });
  expect(await tryToken(server, token).closed).toEqual(UNAUTHORIZED);
  // A refused join took nothing from the one who sits there.
  expect((await a.flush()).map(({ type }) => type)).not.toContain('error');
  expect(await b.flush()).toEqual([]);
  const fresh = tryToken(server, await mint('a'));
  expect((await fresh.next()).type).toBe('peers');
  expect(await a.closed).toEqual({ code: 4510, reason: 'replaced' });
});

test('a token is good up to 60 s past its exp, and not for longer', async () => {
  const server = await build(REQUIRED);
  const start = now();
  vi.useFakeTimers({ toFake: ['Date'], now: start * 1000 });
  const token = forge({ exp: start + 100 });
  vi.setSystemTime((start + 159) * 1000);
  expect((await tryToken(server, token).next()).type).toBe('peers');
  vi.setSystemTime((start + 161) * 1000);
  expect(await tryToken(server, token).closed).toEqual(UNAUTHORIZED);
});

test('a token is good from 60 s before its nbf on, and not sooner', async () => {
  const server = await build(REQUIRED);
  const start = now();
  vi.useFakeTimers({ toFake: ['Date'], now: start * 1000 });
  const token = forge({ nbf: start + 100, exp: start + 900 });
  vi.setSystemTime((start + 39) * 1000);
  expect(await tryToken(server, token).closed).toEqual(UNAUTHORIZED);
  vi.setSystemTime((start + 41) * 1000);
  expect((await tryToken(server, token).next()).type).toBe('peers');
});

test('a token may be used again while it is good: after a leave its owner comes back with it', async () => {
  const server = await build(REQUIRED);
  const token = await mint('a');
  const a = await enter(server, token, 'a');
  a.ws.close(1000);
  await a.closed;
  expect((await socket(server, `/ws/r/a?token=${token}`).next()).data).toEqual(['a']);
});
