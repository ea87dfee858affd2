import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRoomToken } from '../client/src/server.ts';
import { build, join, socket } from './helper.ts';

const JWT_SECRET = 'a-secret-of-the-tests-that-is-long-enough';
const mint = (peerId: string, more = {}) => createRoomToken({ room: 'r', peerId, ...more }, JWT_SECRET);

test('a token opens its own place, and 4501 and 4503 tell the two failures apart', async () => {
  const server = await build({ AUTH: 'required', JWT_SECRET });
  const a = socket(server, `/ws/r/a?token=${await mint('a')}`);
  expect((await a.next()).type).toBe('peers');
  const b = socket(server, `/ws/r/b?token=${await mint('a')}`);
  expect(await b.closed).toEqual({ code: 4503, reason: 'forbidden' });
  expect((await socket(server, '/ws/r/b').closed).code).toBe(4501);
  expect((await socket(server, '/ws/r/b?token=x').closed).code).toBe(4501);
  const c = socket(server, '/ws/r/c', {}, ['record-meet.v1', `token.${await mint('c')}`]);
  expect((await c.next()).type).toBe('peers');
  expect(c.ws.protocol).toBe('record-meet.v1');
});

test('the owner of a token takes its place over at once: 4510, peer-left, new-peer', async () => {
  const server = await build({ JWT_SECRET });
  const b = await join(server, 'r', 'b');
  const old = socket(server, `/ws/r/a?token=${await mint('a')}`);
  await old.next();
  const newer = socket(server, `/ws/r/a?token=${await mint('a')}`);
  expect(await old.closed).toEqual({ code: 4510, reason: 'replaced' });
  expect((await newer.next()).data).toEqual(['b', 'a']);
  expect((await b.flush()).map((f) => f.type)).toEqual([
    'new-peer',
    'peers',
    'peer-left',
    'new-peer',
    'peers',
  ]);
});

test('a host removes a peer, whose token is refused with 4511 from then on', async () => {
  const server = await build({ JWT_SECRET });
  const token = await mint('b');
  const host = socket(server, `/ws/r/host?token=${await mint('host', { host: true })}`);
  await host.next();
  const b = socket(server, `/ws/r/b?token=${token}`);
  await b.next();
  b.send({ type: 'remove', to: 'host' });
  expect((await b.next()).data).toMatchObject({ code: 'forbidden' });
  host.send({ type: 'remove', to: 'b' });
  expect(await b.closed).toEqual({ code: 4511, reason: 'removed' });
  expect((await host.nextOf('peer-left')).data).toBe('b');
  expect((await socket(server, `/ws/r/b?token=${token}`).closed).code).toBe(4511);
});

test('ICE servers carry the credential that coturn checks', async () => {
  const server = await build({
    TURN_SERVER: 'turn.example.com',
    TURN_SECRET: 's',
    JWT_SECRET,
    AUTH: 'required',
  });
  expect((await fetch(`${server.url}/ice-servers`)).status).toBe(401);
  const headers = { authorization: `Bearer ${await mint('a')}` };
  const answer = await fetch(`${server.url}/ice-servers`, { headers });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { iceServers } = (await answer.json()) as {
    iceServers: { urls: string[]; username: string; credential: string }[];
  };
  const turn = iceServers[1]!;
  expect(turn.urls).toEqual(['turn:turn.example.com?transport=udp', 'turn:turn.example.com?transport=tcp']);
  expect(turn.username).toMatch(/^\d+:a$/);
  expect(turn.credential).toBe(createHmac('sha1', 's').update(turn.username).digest('base64'));
});
