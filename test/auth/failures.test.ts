import { expect, test } from 'vitest';
import { Failures } from '../../src/auth/failures.ts';
import { build, until } from '../helper.ts';
import { enter, mint, REQUIRED, tryToken, UNAUTHORIZED } from './mint.ts';

const MINUTE = 60_000;

/** The delays of this many failed tries one after the other. */
function tries(failures: Failures, address: string, count: number, at = 0): number[] {
  return Array.from({ length: count }, () => failures.add(address, at));
}

test('ten failed tries are free, then 100 ms doubling to 25 s', () => {
  const failures = new Failures();
  expect(tries(failures, '192.0.2.1', 10)).toEqual(Array(10).fill(0));
  const rest = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_000, 25_000];
  expect(tries(failures, '192.0.2.1', 10)).toEqual(rest);
  // Never more, and never infinite, however many.
  expect(tries(failures, '192.0.2.1', 2000).every((ms) => ms === 25_000)).toBe(true);
});

test('each address counts for itself', () => {
  const failures = new Failures();
  tries(failures, '192.0.2.1', 20);
  expect(failures.add('192.0.2.2', 0)).toBe(0);
  expect(failures.add('2001:db8::1', 0)).toBe(0);
});

test('IPv6 counts by /64, however it is written, and a mapped IPv4 address as that', () => {
  const failures = new Failures();
  tries(failures, '2001:db8:0:1::1', 5);
  tries(failures, '2001:DB8:0:1:ffff:ffff:ffff:ffff', 5);
  expect(failures.add('2001:0db8:0000:0001:a:b:c:d', 0)).toBe(100);
  expect(failures.add('2001:db8:0:2::1', 0)).toBe(0);
  tries(failures, '::ffff:192.0.2.1', 10);
  expect(failures.add('192.0.2.1', 0)).toBe(100);
});

test('thirty minutes without a failed try forgive, and less does not', () => {
  const failures = new Failures();
  tries(failures, 'a', 10);
  expect(failures.add('a', 29 * MINUTE)).toBe(100);
  // Counted from the last failed try, not from the first.
  expect(failures.add('a', 58 * MINUTE)).toBe(200);
  expect(tries(failures, 'a', 11, 88 * MINUTE)).toEqual([...Array(10).fill(0), 100]);
});

test('many addresses are forgotten when they are forgiven, and those that are not stay', () => {
  const failures = new Failures();
  tries(failures, 'old', 10);
  tries(failures, 'new', 10, 20 * MINUTE);
  for (let n = 0; n < 3000; n++) failures.add(`10.0.${n >> 8}.${n & 255}`, 40 * MINUTE);
  expect(failures.add('new', 40 * MINUTE)).toBe(100);
  expect(failures.add('old', 40 * MINUTE)).toBe(0);
});

const from = (address: string) => ({ 'X-Forwarded-For': address });

/** This many refused joins from an address, all at once. */
function fail(server: { port: number }, address: string, count: number): Promise<{ code: number }>[] {
  return Array.from({ length: count }, () => tryToken(server, 'garbage', 'a', from(address)).closed);
}

test('from the eleventh failed try on the refusal comes later', async () => {
  const server = await build(REQUIRED);
  for (let n = 0; n < 10; n++) expect(await tryToken(server, 'garbage').closed).toEqual(UNAUTHORIZED);
  for (const least of [100, 200, 400]) {
    const before = performance.now();
    expect(await tryToken(server, 'garbage').closed).toEqual(UNAUTHORIZED);
    // A timer may fire a millisecond early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(least - 2);
  }
});

test('refusals of a wrong place and over HTTP count as failed tries too, a missing token does not', async () => {
  const server = await build(REQUIRED);
  const asked = () => fetch(`${server.url}/ice-servers`, { headers: { authorization: 'Bearer garbage' } });
  for (let n = 0; n < 7; n++) expect((await asked()).status).toBe(401);
  for (let n = 0; n < 30; n++) expect((await tryToken(server, '').closed).code).toBe(4501);
  const other = await mint('other');
  for (let n = 0; n < 3; n++) expect((await tryToken(server, other).closed).code).toBe(4503);
  const before = performance.now();
  expect((await asked()).status).toBe(401);
  expect(performance.now() - before).toBeGreaterThanOrEqual(98);
});

test('a good token from an address that fails all the time is let in, and other addresses are not slowed', async () => {
  const server = await build({ ...REQUIRED, TRUST_PROXY: '127.0.0.1' });
  await Promise.all(fail(server, '192.0.2.1', 10));
  // The last of these waits for 12.8 s: the order tells, not the time.
  let ended = 0;
  for (const refused of fail(server, '192.0.2.1', 8)) refused.then(() => ended++);
  await until(() => ended > 0);
  const good = tryToken(server, await mint('b'), 'b', from('192.0.2.1'));
  expect((await good.next()).type).toBe('peers');
  expect((await Promise.all(fail(server, '192.0.2.2', 10))).map(({ code }) => code)).toEqual(
    Array(10).fill(4501),
  );
  expect((await tryToken(server, 'garbage', 'a', from('2001:db8::1')).closed).code).toBe(4501);
  expect(ended).toBeLessThan(8);
});

test('one whose refusal is held back is in no room, and may give up', async () => {
  const server = await build(REQUIRED);
  const b = await enter(server, await mint('b'), 'b');
  for (let n = 0; n < 16; n++) tryToken(server, 'garbage');
  await until(() => server.logs.filter(({ msg }) => msg === 'join refused').length >= 11);
  const held = await tryToken(server, 'garbage').opened();
  held.send({ type: 'chat', data: 'hello' });
  held.ws.terminate();
  await held.closed;
  expect(await b.flush()).toEqual([]);
});
