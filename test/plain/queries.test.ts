import { expect, test } from 'vitest';
import { build, join } from '../helper.ts';

test('peers is answered with a fresh list, to who asked only', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  a.send({ type: 'peers' });
  expect(await a.next()).toEqual({ type: 'peers', room: 'room', from: 'server', data: ['a', 'b'] });
  expect(await b.flush()).toEqual([]);
  b.ws.close();
  await a.nextOf('peer-left');
  a.send({ type: 'peers', to: 'x', data: { ignored: true } });
  expect(await a.next()).toMatchObject({ type: 'peers', from: 'server', data: ['a'] });
  await join(server, 'room', 'b');
  await join(server, 'room', '0');
  await a.flush();
  a.send({ type: 'peers' });
  // In the order of joining, which is not that of the ids.
  expect(await a.next()).toMatchObject({ type: 'peers', data: ['a', 'b', '0'] });
});

test('ping is answered with pong from the server, with the same data', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  for (const data of [1, 'x', null, { t: [1, 2] }, '🦊']) {
    a.send({ type: 'ping', data });
    expect(await a.next()).toEqual({ type: 'pong', room: 'room', from: 'server', data });
  }
  a.send({ type: 'ping' });
  const pong = await a.next();
  expect(pong).toMatchObject({ type: 'pong', room: 'room', from: 'server' });
  expect(pong).not.toHaveProperty('data');
  expect(await b.flush()).toEqual([]);
});

test('a ping of the WebSocket itself is answered, too', async () => {
  const a = await join(await build(), 'room', 'a');
  const pong = new Promise<string>((resolve) => a.ws.on('pong', (data) => resolve(data.toString())));
  a.ws.ping('are you there?');
  expect(await pong).toBe('are you there?');
});

test('a peer is pinged each HEARTBEAT_SECONDS and stays while it answers', async () => {
  const server = await build({ HEARTBEAT_SECONDS: '0.3', HEARTBEAT_TIMEOUT_SECONDS: '10' });
  const a = await join(server, 'room', 'a');
  let pings = 0;
  await new Promise<void>((resolve) => {
    a.ws.on('ping', () => {
      if (++pings === 3) resolve();
    });
  });
  expect(await a.flush()).toEqual([]);
});
