import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { build, type TestServer } from '../helper.ts';
import { upgrade } from './upgrade.ts';

/** Sends a request as it stands and hands back all that came until the server closed. */
async function raw(server: TestServer, request: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(request.replaceAll('\n', '\r\n'));
  await once(socket, 'close');
  return answer;
}

test('any other path is 404 with the path, without its query', async () => {
  const { url } = await build();
  for (const path of ['/nope', '/ws', '/ws/room', '/ws/room/peer/more', '/health/more', '/__proto__']) {
    const response = await fetch(`${url}${path}?token=secret&a=/b?c`);
    expect(response.status, path).toBe(404);
    expect(await response.json()).toEqual({ error: 'Not Found', path });
  }
});

test('any other method is 404 as well, on known paths and on unknown ones', async () => {
  const { url } = await build();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    for (const path of ['/nope', '/health', '/ws/room/peer']) {
      const response = await fetch(`${url}${path}?q=1`, { method });
      expect(response.status, `${method} ${path}`).toBe(404);
      expect(await response.json()).toEqual({ error: 'Not Found', path });
    }
  }
  expect((await fetch(`${url}/nope`, { method: 'HEAD' })).status).toBe(404);
});

test.for([
  ['broken JSON', 'application/json', 8, 'not JSON'],
  ['empty JSON', 'application/json', 0, ''],
  ['JSON with __proto__', 'application/json', 16, '{"__proto__":{}}'],
  ['XML', 'text/xml', 4, '<a/>'],
  ['of a type that is none', 'no such type', 1, 'x'],
  // The body never comes: its length must be no reason to wait for it.
  ['two megabytes of JSON', 'application/json', 2 * 1024 * 1024, ''],
] as const)('a POST nobody waits for is 404 whatever its body is: %s', async ([, type, length, body]) => {
  const server = await build();
  for (const path of ['/nope', '/health']) {
    const head = `Host: a\nConnection: close\nContent-Type: ${type}\nContent-Length: ${length}`;
    const answer = await raw(server, `POST ${path}?q=1 HTTP/1.1\n${head}\n\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({ error: 'Not Found', path });
  }
});

test('an upgrade request to any path that is not the socket’s is the same 404', async () => {
  const server = await build();
  const paths = ['/', '/health', '/ready', '/stats', '/nope', '/ws', '/ws/room', '/ws/room/peer/more'];
  for (const path of paths) {
    const { status, body } = await upgrade(server, `${path}?token=secret`);
    expect(status, path).toBe(404);
    expect(body).toEqual({ error: 'Not Found', path });
  }
});

test('a plain GET on the socket’s path is 426 Upgrade Required', async () => {
  const { url } = await build();
  const response = await fetch(`${url}/ws/room/peer`);
  expect(response.status).toBe(426);
  expect(response.statusText).toBe('Upgrade Required');
  expect(response.headers.get('upgrade')).toBe('websocket');
});

test('a path that can’t be percent-decoded is 400', async () => {
  const server = await build();
  for (const path of ['/%zz', '/%ff', '/ws/%zz/peer', '/ws/room/%E0%A4%A', '/ws/%C3%28/peer', '/stats%']) {
    expect((await fetch(`${server.url}${path}?q=1`)).status, path).toBe(400);
  }
});

test('an upgrade request to a path that can’t be percent-decoded is 400, and the connection ends', async () => {
  const server = await build();
  for (const path of ['/ws/%zz/peer', '/ws/room/%ff', '/nope/%zz']) {
    expect((await upgrade(server, path)).status, path).toBe(400);
  }
});

test('a query that can’t be percent-decoded harms no join', async () => {
  const server = await build();
  expect((await upgrade(server, '/ws/room/peer?x=%zz&y=%ff')).status).toBe(101);
});

test('an upgrade to another protocol is answered like an ordinary request', async () => {
  const server = await build();
  const h2c =
    'Host: a\nConnection: close, Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n\n';
  const health = await raw(server, `GET /health HTTP/1.1\n${h2c}`);
  expect(health).toMatch(/^HTTP\/1\.1 200 /);
  expect(health).toContain('"status":"ok"');
  expect(await raw(server, `GET /nope?a HTTP/1.1\n${h2c}`)).toMatch(/^HTTP\/1\.1 404 [\s\S]*"path":"\/nope"/);
  expect(await raw(server, `GET /ws/room/peer HTTP/1.1\n${h2c}`)).toMatch(/^HTTP\/1\.1 426 /);
});
