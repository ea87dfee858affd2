import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { build, type TestServer } from '../helper.ts';

/** Opens a connection that says this much and nothing more. */
function half(server: TestServer, text: string): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(text);
  onTestFinished(() => void socket.destroy());
  return socket;
}

// Node alone would wait for more than a minute, far over this test's time.
test.concurrent('a connection that does not finish its request headers is closed within 10 s', {
  timeout: 40_000,
}, async () => {
  const server = await build();
  const silent = half(server, '');
  const line = half(server, 'GET /hea');
  const headers = half(server, 'GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  const upgrade = half(server, 'GET /ws/room/peer HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n');
  const second = half(server, 'GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHo');
  // One byte now and then must not buy more time: the limit is for all the headers together.
  const dripping = half(server, 'GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  const drip = setInterval(() => dripping.write('a'), 500);
  onTestFinished(() => clearInterval(drip));
  const sockets = [silent, line, headers, upgrade, second, dripping];
  // What drips may be written to a connection that has just been closed: its error is no matter.
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve))));
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});
