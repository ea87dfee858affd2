import { expect, test } from 'vitest';
import { build, join, type TestServer } from '../helper.ts';
import { upgrade } from './upgrade.ts';

/** Two joins at once, and then one in a hundred seconds: none comes back while a test runs. */
const TWO = { JOIN_RATE: '0.01', JOIN_BURST: '2' };
const PROXY = { ...TWO, TRUST_PROXY: '10.0.0.0/8, 127.0.0.1' };

let peers = 0;
/** The status that a join gets, of a new peer id each time. */
async function statusOf(server: TestServer, forwardedFor?: string): Promise<number> {
  const headers: Record<string, string> =
    forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
  return (await upgrade(server, `/ws/room/peer-${++peers}`, headers)).status;
}

test('a join over JOIN_RATE is refused with 429 before the handshake', async () => {
  const server = await build(TWO);
  const a = await join(server, 'room', 'a');
  await join(server, 'room', 'b');
  const third = await upgrade(server, '/ws/room/c');
  expect(third.status).toBe(429);
  expect(third.body).toMatchObject({ error: 'Too Many Requests' });
  // Who is in is left alone, and did not see the third one.
  expect((await a.flush()).map(({ type }) => type)).toEqual(['new-peer', 'peers']);
});

test('JOIN_RATE limits joins only', async () => {
  const server = await build(TWO);
  for (let n = 0; n < 5; n++) expect((await fetch(`${server.url}/health`)).status).toBe(200);
  for (let n = 0; n < 5; n++) expect((await fetch(`${server.url}/ws/room/a`)).status).toBe(426);
  expect(await statusOf(server)).toBe(101);
});

test.for([
  { JOIN_RATE: '0', JOIN_BURST: '1' },
  { JOIN_RATE: '0.01', JOIN_BURST: '0' },
])('a 0 in %o means no limit', async (env) => {
  const server = await build(env);
  for (let n = 0; n < 20; n++) expect(await statusOf(server)).toBe(101);
});

test('behind a trusted proxy each address of X-Forwarded-For has a rate of its own', async () => {
  const server = await build(PROXY);
  for (const address of ['203.0.113.1', '203.0.113.2']) {
    expect(await statusOf(server, address)).toBe(101);
    expect(await statusOf(server, address)).toBe(101);
    expect(await statusOf(server, address), address).toBe(429);
  }
  // The last address that is no proxy of ours counts: what stands before it anybody may have written.
  expect(await statusOf(server, '198.51.100.7, 203.0.113.1')).toBe(429);
  expect(await statusOf(server, '198.51.100.7, 203.0.113.1, 10.1.2.3')).toBe(429);
  expect(await statusOf(server, '203.0.113.1, 198.51.100.7')).toBe(101);
});

test('X-Forwarded-For counts for nothing where TRUST_PROXY does not name who sent it', async () => {
  for (const env of [TWO, { ...TWO, TRUST_PROXY: '10.0.0.0/8' }]) {
    const server = await build(env);
    expect(await statusOf(server, '203.0.113.1')).toBe(101);
    expect(await statusOf(server, '203.0.113.2')).toBe(101);
    expect(await statusOf(server, '203.0.113.3')).toBe(429);
  }
});

test('IPv6 addresses of one /64 share a rate, and those of another /64 do not', async () => {
  const server = await build(PROXY);
  expect(await statusOf(server, '2001:db8:1:1::1')).toBe(101);
  expect(await statusOf(server, '2001:DB8:1:1:ffff:ffff:ffff:ffff')).toBe(101);
  expect(await statusOf(server, '2001:0db8:0001:0001:0:0:0:2')).toBe(429);
  expect(await statusOf(server, '2001:db8:1:2::1')).toBe(101);
});

test('IPv4 addresses written as IPv6 are not taken for one /64', async () => {
  const server = await build(PROXY);
  for (let n = 1; n <= 4; n++) expect(await statusOf(server, `::ffff:203.0.113.${n}`)).toBe(101);
  expect(await statusOf(server, '203.0.113.1')).toBe(101);
  expect(await statusOf(server, '::ffff:203.0.113.1')).toBe(429);
});
