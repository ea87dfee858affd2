import { expect, test } from 'vitest';
import { drain } from '../../src/rooms/drain.ts';
import { build, join } from '../helper.ts';

/** The form of a time on the wire. */
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** Nothing listens there, and connecting to it fails at once. */
const NO_REDIS = 'redis://127.0.0.1:1';

async function get(url: string) {
  const response = await fetch(url);
  const body = (await response.json()) as { status: string; time: string };
  return { status: response.status, type: response.headers.get('content-type'), body };
}

test('GET / says name, version and endpoints', async () => {
  const { url } = await build();
  const { status, type, body } = await get(`${url}/`);
  expect(status).toBe(200);
  expect(type).toContain('application/json');
  expect(body).toEqual({
    name: expect.any(String),
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    endpoints: expect.objectContaining({ signaling: expect.stringContaining('/ws/:room/:peerId') }),
  });
});

test('GET /health is 200 with status ok and the time', async () => {
  const { url } = await build();
  const before = Date.now();
  const { status, type, body } = await get(`${url}/health`);
  expect(status).toBe(200);
  expect(type).toContain('application/json');
  expect(body).toEqual({ status: 'ok', time: expect.stringMatching(ISO_8601) });
  expect(Date.parse(body.time)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(body.time)).toBeLessThanOrEqual(Date.now());
});

test('GET /health is 503 with status draining while the server drains', async () => {
  const { app, url } = await build();
  await drain(app.rooms, 0);
  const { status, body } = await get(`${url}/health`);
  expect(status).toBe(503);
  expect(body).toEqual({ status: 'draining', time: expect.stringMatching(ISO_8601) });
});

test('GET /ready is 200 with every check, Redis off where there is none', async () => {
  const { url } = await build();
  const { status, body } = await get(`${url}/ready`);
  expect(status).toBe(200);
  expect(body).toEqual({ status: expect.any(String), checks: { redis: 'off', draining: false } });
});

test('GET /ready is 503 while the server drains', async () => {
  const { app, url } = await build();
  await drain(app.rooms, 0);
  const { status, body } = await get(`${url}/ready`);
  expect(status).toBe(503);
  expect(body).toEqual({ status: expect.any(String), checks: { redis: 'off', draining: true } });
});

test('Redis being down turns /ready red, but not /health, and peers still meet', async () => {
  const server = await build({ REDIS_URL: NO_REDIS });
  const ready = await get(`${server.url}/ready`);
  expect(ready.status).toBe(503);
  expect(ready.body).toEqual({ status: expect.any(String), checks: { redis: 'down', draining: false } });
  const health = await get(`${server.url}/health`);
  expect(health.status).toBe(200);
  expect(health.body.status).toBe('ok');
  const a = await join(server, 'room', 'a');
  await join(server, 'room', 'b');
  expect(await a.nextOf('new-peer')).toMatchObject({ data: 'b' });
  const peersOf = async (id: string) => {
    const response = await fetch(`${server.url}/stats?room=${id}`);
    return ((await response.json()) as { peers: unknown }).peers;
  };
  expect(await peersOf('room')).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  expect(await peersOf('elsewhere')).toEqual([]);
});
