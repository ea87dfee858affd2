import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { join, socket, until } from './helper.ts';
import { freePort } from './ports.ts';
import { rawJoin, start } from './process-helper.ts';

test('SIGTERM: /health and /ready are 503 at once', async () => {
  const server = await start({ DRAIN_SECONDS: '60' });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  server.kill('SIGTERM');
  await server.logged({ msg: 'draining' });
  const health = await fetch(`${server.url}/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toEqual({ status: 'draining', time: expect.stringMatching(/^\d{4}-.*Z$/) });
  const ready = await fetch(`${server.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ checks: { redis: 'off', draining: true } });
});

test('SIGTERM: a new join is closed with 1012 restart, and never seen by the others', async () => {
  const server = await start({ DRAIN_SECONDS: '60' });
  const others = await Promise.all(['a', 'b', 'c'].map((id) => join(server, 'room-1', id)));
  server.kill('SIGTERM');
  await server.logged({ msg: 'draining' });
  const late = socket(server, '/ws/room-1/late');
  expect(await late.closed).toEqual({ code: 1012, reason: 'restart' });
  expect(late.unread).toEqual([]);
  // With a minute to go at least one of three is still there.
  const left = others.find(({ ws }) => ws.readyState === ws.OPEN)!;
  const heard = (await left.flush()).filter((frame) => frame.data === 'late');
  expect(heard).toEqual([]);
});

test('SIGTERM: plain sockets are closed with 1012, spread over DRAIN_SECONDS; then exit code 0', async () => {
  const server = await start({ DRAIN_SECONDS: '2' });
  const peers = [];
  for (let n = 0; n < 10; n++) peers.push(await join(server, `room-${n}`, 'peer'));
  server.kill('SIGTERM');
  const closes = await Promise.all(peers.map(({ closed }) => closed));
  expect(closes).toEqual(peers.map(() => ({ code: 1012, reason: 'restart' })));
  expect(await server.exited).toEqual({ code: 0, signal: null });
  const times = server.logs.filter(({ msg }) => msg === 'peer left').map(({ time }) => Number(time));
  expect(times).toHaveLength(10);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_000);
  // Neither all at the beginning nor all at the end.
  expect(new Set(times.map((time) => Math.floor(time / 100))).size).toBeGreaterThan(4);
});

test('SIGTERM: who is not closed yet goes on talking', async () => {
  const server = await start({ DRAIN_SECONDS: '60' });
  const rooms = [];
  for (let n = 0; n < 10; n++) {
    rooms.push([await join(server, `room-${n}`, 'a'), await join(server, `room-${n}`, 'b')] as const);
  }
  server.kill('SIGTERM');
  await Promise.any(rooms.flat().map(({ closed }) => closed));
  const open = ({ ws }: { ws: { readyState: number } }) => ws.readyState === 1;
  const [a, b] = rooms.find((room) => room.every(open))!;
  a.send({ type: 'offer', to: 'b', data: 'still here' });
  expect(await b.nextOf('offer')).toMatchObject({ from: 'a', data: 'still here' });
});

test('exits within DRAIN_SECONDS + 2 s by its own clock though one client answers no close and another reads nothing', async () => {
  const server = await start({
    DRAIN_SECONDS: '1',
    MAX_BUFFERED_BYTES: '0',
    MESSAGE_RATE: '0',
    BYTE_RATE: '0',
  });
  const silent = await rawJoin(server, '/ws/room-1/silent');
  silent.resume(); // reads, and never says a word
  const deaf = await rawJoin(server, '/ws/room-1/deaf');
  deaf.pause();
  const talker = await join(server, 'room-1', 'talker');
  // More than the kernel keeps for one who does not read, so that the server has some left to send.
  for (let n = 0; n < 150; n++) talker.send({ type: 'offer', to: 'deaf', data: 'x'.repeat(60_000) });
  expect((await talker.flush()).filter(({ type }) => type === 'error')).toEqual([]);
  server.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  // All is closed before the time is up at which it would end in any case.
  expect(server.logs.at(-1)).toMatchObject({ msg: 'stopped' });
});

test('neither a half-finished request nor an idle connection holds up the exit', async () => {
  const server = await start({ DRAIN_SECONDS: '0' });
  const half = connect(server.port, '127.0.0.1');
  onTestFinished(() => void half.destroy());
  half.on('error', () => {});
  await new Promise<void>((resolve) => half.write('GET /health HTTP/1.1\r\nHost: x\r\n', () => resolve()));
  await (await fetch(`${server.url}/health`)).text(); // its connection is kept alive
  server.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  // Its time was not up: then it ends without a word.
  expect(server.logs.at(-1)).toMatchObject({ msg: 'stopped' });
});

test('a peer in the middle of talking is closed with 1012 too, not cut off', async () => {
  const server = await start({ DRAIN_SECONDS: '0', MESSAGE_RATE: '0', BYTE_RATE: '0' });
  const peers = await Promise.all(['a', 'b', 'c', 'd'].map((id) => join(server, `room-${id}`, id)));
  const talk = setInterval(() => {
    for (const peer of peers)
      for (let n = 0; n < 5; n++) peer.send({ type: 'ping', data: 'x'.repeat(5_000) });
  }, 1);
  onTestFinished(() => clearInterval(talk));
  await Promise.all(peers.map((peer) => peer.nextOf('pong')));
  server.kill('SIGTERM');
  const closes = await Promise.all(peers.map(({ closed }) => closed));
  expect(closes).toEqual(peers.map(() => ({ code: 1012, reason: 'restart' })));
});

test.each(['SIGTERM', 'SIGINT'] as const)('a second signal, %s, exits at once', async (second) => {
  const server = await start({ DRAIN_SECONDS: '3600' });
  await join(server, 'room-1', 'peer-a');
  server.kill('SIGTERM');
  await server.logged({ msg: 'draining' });
  server.kill(second);
  expect(await server.exited).toEqual({ code: 1, signal: null });
});

test('SIGINT does not wait for DRAIN_SECONDS', async () => {
  const server = await start({ DRAIN_SECONDS: '3600' });
  const a = await join(server, 'room-1', 'peer-a');
  server.kill('SIGINT');
  expect(await a.closed).toEqual({ code: 1012, reason: 'restart' });
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('DRAIN_SECONDS=0: everybody is closed with 1012 at once, exit code 0', async () => {
  const server = await start({ DRAIN_SECONDS: '0' });
  const peers = await Promise.all(['a', 'b', 'c', 'd'].map((id) => join(server, 'room-1', id)));
  server.kill('SIGTERM');
  for (const peer of peers) expect((await peer.closed).code).toBe(1012);
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test('the port is free again after the exit', async () => {
  const port = await freePort();
  const server = await start({ DRAIN_SECONDS: '0', FIBER_PORT: String(port) });
  server.kill('SIGTERM');
  await server.exited;
  const next = await start({ FIBER_PORT: String(port) });
  expect(next.port).toBe(port);
  await until(async () => (await fetch(`${next.url}/health`)).ok);
});
