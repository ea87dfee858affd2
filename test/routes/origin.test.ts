import { expect, test } from 'vitest';
import { build, type TestServer } from '../helper.ts';
import { upgrade } from './upgrade.ts';

const LIST = { NEXT_JS_URL: 'https://meet.example.com, http://other.example:8080' };
const PRODUCTION = { ENVIRONMENT: 'production', JWT_SECRET: 'k'.repeat(48), AUTH: 'off' };

const ALLOWED = ['https://meet.example.com', 'http://other.example:8080'];
/** Each differs from an allowed one in scheme, host or port, or only looks like one. */
const FOREIGN = [
  'https://evil.example',
  'http://meet.example.com',
  'https://meet.example.com:8443',
  'https://meet.example.com.evil.example',
  'https://meet.example.comevil.example',
  'https://evil-meet.example.com',
  'https://sub.meet.example.com',
  'https://example.com',
  'https://meet.example.com@evil.example',
  'https://evil.example/https://meet.example.com',
  'https://meet-example.com',
  'http://other.example',
  'https://meet.example.com, https://evil.example',
  '*',
  'null',
];
const LOCAL = [
  'http://localhost:3000',
  'http://localhost:5173',
  'http://127.0.0.1:8080',
  'http://127.0.0.1:1',
];
/** None of them is this machine. */
const NOT_LOCAL = [
  'http://localhost.evil.example',
  'http://localhost:3000.evil.example',
  'http://localhost:3000@evil.example',
  'http://evil-localhost:3000',
  'http://127.0.0.1.evil.example:3000',
  'http://evil.example?http://localhost:3000',
];

/** What CORS and the upgrade say to a page of this origin: it must be the same. */
async function isAllowed(server: TestServer, origin: string): Promise<boolean> {
  const response = await fetch(`${server.url}/health`, { headers: { origin } });
  expect(response.status).toBe(200);
  const read = response.headers.get('access-control-allow-origin');
  expect([origin, null], origin).toContain(read);
  const { status } = await upgrade(server, `/ws/room/${encodeURIComponent(origin)}`, { origin });
  expect(status, origin).toBe(read === null ? 403 : 101);
  return read !== null;
}

test('CORS and the upgrade allow each origin of NEXT_JS_URL, and exactly those', async () => {
  const server = await build(LIST);
  for (const origin of ALLOWED) expect(await isAllowed(server, origin), origin).toBe(true);
  for (const origin of FOREIGN) expect(await isAllowed(server, origin), origin).toBe(false);
});

test('outside production any http://localhost:* and http://127.0.0.1:* is allowed too', async () => {
  for (const ENVIRONMENT of ['test', 'development']) {
    // In development the log goes to the terminal in a form for people: not here.
    const server = await build({ ...LIST, ENVIRONMENT, LOG_LEVEL: 'silent' });
    for (const origin of LOCAL) expect(await isAllowed(server, origin), origin).toBe(true);
    for (const origin of NOT_LOCAL) expect(await isAllowed(server, origin), origin).toBe(false);
  }
});

test('in production only the origins of NEXT_JS_URL are allowed', async () => {
  const server = await build({ ...PRODUCTION, ...LIST });
  for (const origin of ALLOWED) expect(await isAllowed(server, origin), origin).toBe(true);
  for (const origin of [...FOREIGN, ...LOCAL, ...NOT_LOCAL]) {
    expect(await isAllowed(server, origin), origin).toBe(false);
  }
});

test('no Origin header is allowed, in production too', async () => {
  for (const env of [LIST, { ...PRODUCTION, ...LIST }]) {
    const server = await build(env);
    expect((await upgrade(server, '/ws/room/native')).status).toBe(101);
    const response = await fetch(`${server.url}/health`);
    expect(response.status).toBe(200);
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
  }
});

test('a page from elsewhere is refused before the handshake and is seen by nobody', async () => {
  const server = await build(LIST);
  const refused = await upgrade(server, '/ws/room/a', { origin: 'https://evil.example' });
  expect(refused.status).toBe(403);
  const stats = await (await fetch(`${server.url}/stats`)).json();
  expect(stats).toMatchObject({ roomCount: 0, totalPeers: 0 });
});

test('CORS answers a preflight of an allowed origin, with the Authorization header', async () => {
  const server = await build(LIST);
  const preflight = (origin: string) =>
    fetch(`${server.url}/stats`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
  const allowed = await preflight('https://meet.example.com');
  expect(allowed.ok).toBe(true);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://meet.example.com');
  expect(allowed.headers.get('access-control-allow-methods')).toContain('GET');
  expect(allowed.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
  const foreign = await preflight('https://evil.example');
  expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
});

test('an answer says that it depends on the Origin, and an error can be read by an allowed page', async () => {
  const server = await build(LIST);
  const headers = { origin: 'https://meet.example.com' };
  for (const path of ['/health', '/nope', '/ws/room/peer']) {
    const response = await fetch(`${server.url}${path}`, { headers });
    expect(response.headers.get('access-control-allow-origin'), path).toBe('https://meet.example.com');
    expect(response.headers.get('vary')?.toLowerCase(), path).toContain('origin');
  }
});
