import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { build, socket } from '../helper.ts';
import { enter, forge, JWT_SECRET, mint, now, REQUIRED } from './mint.ts';

const TURN = { TURN_SERVER: 'turn.example.com', TURN_SECRET: 'turn-secret', TURN_TTL_SECONDS: '3600' };

interface Answer {
  iceServers: { urls: string[]; username?: string; credential?: string }[];
  expiresAt: string | null;
}

function ask(server: { url: string }, authorization?: string): Promise<Response> {
  return fetch(`${server.url}/ice-servers`, { headers: authorization ? { authorization } : {} });
}

async function answer(server: { url: string }, token?: string): Promise<Answer> {
  const response = await ask(server, token && `Bearer ${token}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return response.json() as Promise<Answer>;
}

test('the username is <unix expiry>:<peer id of the token>, the credential what coturn computes', async () => {
  const server = await build({ ...REQUIRED, ...TURN });
  const before = now();
  const { iceServers, expiresAt } = await answer(server, await mint('a'));
  expect(iceServers[0]).toEqual({ urls: ['stun:stun.l.google.com:19302'] });
  const { urls, username, credential } = iceServers[1]!;
  expect(urls).toEqual(['turn:turn.example.com?transport=udp', 'turn:turn.example.com?transport=tcp']);
  expect(username).toMatch(/^\d+:a$/);
  const expiry = Number(username!.split(':')[0]);
  expect(expiry).toBeGreaterThanOrEqual(before + 3600);
  expect(expiry).toBeLessThanOrEqual(now() + 3601);
  expect(credential).toBe(createHmac('sha1', 'turn-secret').update(username!).digest('base64'));
  expect(expiresAt).toBe(new Date(expiry * 1000).toISOString());
});

test('where tokens are optional, none is anonymous, and what is no good one is refused', async () => {
  const server = await build({ ...TURN, JWT_SECRET });
  expect((await ask(server)).status).toBe(200);
  for (const form of ['Bearer', 'Bearer x', `Bearer ${await mint('a')} x`])
    expect((await ask(server, form)).status, form).toBe(401);
});

test('where tokens are required, 401 without one or with a bad one, and not to be stored', async () => {
  const server = await build({ ...REQUIRED, ...TURN });
  const good = await mint('a');
  const expired = forge({ exp: now() - 90 });
  const forms = [
    undefined,
    'Bearer',
    'Bearer x',
    `Basic ${good}`,
    good,
    `Bearer ${expired}`,
    `Bearer ${good} x`,
  ];
  for (const form of forms) {
    const response = await ask(server, form);
    expect(response.status, String(form)).toBe(401);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ error: 'Unauthorized', message: expect.any(String) });
    expect(body).not.toContain(good);
  }
  // A token in the URL, where it would be logged by every proxy, is none.
  expect((await fetch(`${server.url}/ice-servers?token=${good}`)).status).toBe(401);
});

test('required is the default in production here too', async () => {
  const server = await build({ ENVIRONMENT: 'production', JWT_SECRET });
  expect((await ask(server)).status).toBe(401);
  expect((await answer(server, await mint('a'))).expiresAt).toBeNull();
});

test('optional: anonymous without a token, its peer id with one, 401 with a bad one', async () => {
  const server = await build({ JWT_SECRET, ...TURN });
  expect((await answer(server)).iceServers[1]!.username).toMatch(/^\d+:anonymous$/);
  expect((await answer(server, await mint('é:b'))).iceServers[1]!.username).toMatch(/^\d+:é:b$/);
  expect((await ask(server, 'Bearer garbage')).status).toBe(401);
});

test('off looks at no token: anonymous, whatever is brought', async () => {
  const server = await build({ AUTH: 'off', JWT_SECRET, ...TURN });
  expect((await answer(server, 'garbage')).iceServers[1]!.username).toMatch(/^\d+:anonymous$/);
});

test('the token of a removed peer gets no credentials any more', async () => {
  const server = await build({ ...REQUIRED, ...TURN });
  const token = await mint('b');
  const host = await enter(server, await mint('host', { host: true }), 'host');
  const b = await enter(server, token, 'b');
  host.send({ type: 'remove', to: 'b' });
  await b.closed;
  expect((await ask(server, `Bearer ${token}`)).status).toBe(401);
  expect((await socket(server, `/ws/r/b?token=${token}`).closed).code).toBe(4511);
});

test('without TURN there are the STUN servers alone, and expiresAt is null', async () => {
  const server = await build({ JWT_SECRET, STUN_SERVERS: 'stun:a.example:3478, stuns:b.example' });
  const urls = ['stun:a.example:3478', 'stuns:b.example'];
  expect(await answer(server)).toEqual({ iceServers: [{ urls }], expiresAt: null });
});

test('a TURN_SERVER without TURN_SECRET is left out of the answers, with one warning at the start', async () => {
  const server = await build({ JWT_SECRET, TURN_SERVER: 'turn.example.com,turn2.example.com' });
  for (let n = 0; n < 3; n++) {
    const { iceServers, expiresAt } = await answer(server);
    expect(iceServers).toEqual([{ urls: ['stun:stun.l.google.com:19302'] }]);
    expect(expiresAt).toBeNull();
  }
  const warnings = server.logs.filter(({ level }) => Number(level) >= 40);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]!.msg).toContain('TURN_SECRET');
});

test('with its secret, or without TURN at all, there is no warning', async () => {
  for (const env of [TURN, {}]) {
    const server = await build({ JWT_SECRET, ...env });
    expect(server.logs.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  }
});

test('an address that asks over the rate gets 429, and when to come back', async () => {
  const server = await build({ JWT_SECRET, JOIN_RATE: '0.01', JOIN_BURST: '3' });
  for (let n = 0; n < 3; n++) await answer(server);
  const response = await ask(server);
  expect(response.status).toBe(429);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ error: 'Too Many Requests', message: expect.any(String) });
});
