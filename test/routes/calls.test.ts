import { expect, test } from 'vitest';
import { build, join, type TestServer } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';

interface Call {
  room: string;
  peers: string[];
  diagnosis: string;
  sides: Record<string, unknown>[];
  timeline: { peer: string; event: string; count: number; report?: unknown }[];
}

async function callsOf(server: TestServer, query = ''): Promise<Call[]> {
  const response = await fetch(`${server.url}/calls${query}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { calls: Call[] }).calls;
}

test('a call shows what passed between its two peers, in order, and not what was in it', async () => {
  const server = await build();
  const a = await join(server, 'r', 'a');
  const b = await join(server, 'r', 'b');
  a.send({ type: 'offer', to: 'b', data: { sdp: 'secret' } });
  await b.nextOf('offer');
  b.send({ type: 'answer', to: 'a', data: { sdp: 'secret' } });
  for (const n of [1, 2, 3]) b.send({ type: 'ice', to: 'a', data: n });
  await b.flush();
  a.send({ type: 'ice', to: 'b', data: 1 });
  await a.flush();
  const [call, ...others] = await callsOf(server, '?room=r');
  expect(others).toEqual([]);
  expect(call).toMatchObject({ room: 'r', peers: ['a', 'b'] });
  expect(call!.timeline.map(({ peer, event, count }) => `${peer} ${event} ${count}`)).toEqual([
    'a offer 1',
    'b answer 1',
    'b ice 3',
    'a ice 1',
  ]);
  expect(call!.sides).toMatchObject([
    { peer: 'a', offers: 1, answers: 0, candidates: 1, undelivered: 0 },
    { peer: 'b', offers: 0, answers: 1, candidates: 3, undelivered: 0 },
  ]);
  expect(JSON.stringify(call)).not.toContain('secret');
  expect(await callsOf(server, '?room=elsewhere')).toEqual([]);
});

test('what is sent to no possible peer id is not remembered: it may be anything, and of any length', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  for (const to of ['x'.repeat(60_000), 'server', 'b\n', 'x'.repeat(129)]) {
    a.send({ type: 'offer', to, data: 1 });
    a.send({ type: 'report', to, data: { event: 'failed' } });
  }
  expect((await a.flush()).map(({ type }) => type)).toEqual(Array(4).fill('error'));
  expect(await callsOf(server)).toEqual([]);
});

test('what could not be delivered is in it, and reports are', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  a.send({ type: 'offer', to: 'b', data: 1 });
  await a.flush();
  expect((await callsOf(server))[0]!.diagnosis).toBe('What a sent could not be delivered: b was not there.');
  a.send({
    type: 'report',
    to: 'b',
    data: { event: 'failed', ms: 15_000, candidates: { host: 2 }, reason: 'no pair worked', more: 'x' },
  });
  expect(await a.flush()).toEqual([]);
  const [call] = await callsOf(server);
  expect(call!.diagnosis).toBe(
    'a saw the connection fail after 15 s: no pair worked. a offered host candidates only; no TURN is configured.',
  );
  expect(call!.sides[0]!.report).toEqual({
    event: 'failed',
    ms: 15_000,
    candidates: { host: 2 },
    reason: 'no pair worked',
  });
});

test('a report without an event is answered with invalid-message, whatever else it is', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  for (const data of [null, 1, 'connected', [], {}, { event: 'other' }]) {
    a.send({ type: 'report', to: 'b', data, id: 'x' });
    expect(await a.next()).toMatchObject({ type: 'error', id: 'x', data: { code: 'invalid-message' } });
  }
  expect(await callsOf(server)).toEqual([]);
});

test('it wants the STATS_TOKEN, is closed in production without one, and off by a setting', async () => {
  const guarded = await build({ STATS_TOKEN: 'token' });
  expect((await fetch(`${guarded.url}/calls`)).status).toBe(401);
  const headers = { authorization: 'Bearer token' };
  expect((await fetch(`${guarded.url}/calls`, { headers })).status).toBe(200);
  const production = { ENVIRONMENT: 'production', JWT_SECRET: 'a-secret-that-is-long-enough-for-this' };
  expect((await fetch(`${(await build(production)).url}/calls`)).status).toBe(404);
  const both = await build({ ...production, STATS_TOKEN: 'token' });
  expect((await fetch(`${both.url}/calls`, { headers })).status).toBe(200);
  expect((await fetch(`${(await build({ CALL_LOG: 'off' })).url}/calls`)).status).toBe(404);
});
