import { expect, test } from 'vitest';
import { build, join, type TestServer, until } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';

const PRODUCTION = { ENVIRONMENT: 'production', JWT_SECRET: 'k'.repeat(48), AUTH: 'off' };

interface Stats {
  roomCount: number;
  totalPeers: number;
  rooms?: { id: string; peerCount: number; createdAt: string }[];
  peers?: { id: string; dialect: string; status: string; instance: string }[];
}

async function stats(server: TestServer, query = '', authorization?: string): Promise<Stats> {
  const headers = authorization === undefined ? {} : { authorization };
  const response = await fetch(`${server.url}/stats${query}`, { headers });
  expect(response.status).toBe(200);
  return response.json() as Promise<Stats>;
}

async function ids(server: TestServer, query = ''): Promise<string[]> {
  return (await stats(server, query)).rooms!.map(({ id }) => id);
}

async function statusFor(server: TestServer, authorization?: string): Promise<number> {
  const headers = authorization === undefined ? {} : { authorization };
  return (await fetch(`${server.url}/stats`, { headers })).status;
}

test('GET /stats counts rooms and peers, and lists each room', async () => {
  const server = await build();
  const before = Date.now();
  expect(await stats(server)).toMatchObject({ roomCount: 0, totalPeers: 0, rooms: [] });
  await join(server, 'room-1', 'a');
  const b = await join(server, 'room-1', 'b');
  const c = await join(server, 'room-2', 'c');
  const { roomCount, totalPeers, rooms } = await stats(server);
  expect({ roomCount, totalPeers }).toEqual({ roomCount: 2, totalPeers: 3 });
  expect(rooms).toMatchObject([
    { id: 'room-1', peerCount: 2 },
    { id: 'room-2', peerCount: 1 },
  ]);
  for (const { createdAt } of rooms!) {
    expect(createdAt).toBe(new Date(createdAt).toISOString());
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now());
  }
  b.ws.close();
  c.ws.close();
  await until(async () => (await stats(server)).totalPeers === 1);
  expect(await stats(server)).toMatchObject({ roomCount: 1, rooms: [{ id: 'room-1', peerCount: 1 }] });
});

test('the further fields say what the numbers cover', async () => {
  const server = await build();
  const body = await stats(server);
  expect(body).toMatchObject({
    asOf: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    scope: 'instance',
    instances: { heard: 1, expected: 1, complete: true },
  });
});

test('rooms are ordered by id and paged by ?limit= and ?after=, and the counts always cover everything', async () => {
  const server = await build();
  for (const id of ['b', 'a b', 'a', 'Z', 'c/d', '10', '9', 'é']) await join(server, id, 'p');
  const sorted = ['10', '9', 'Z', 'a', 'a b', 'b', 'c/d', 'é'];
  expect(await ids(server)).toEqual(sorted);
  expect(await ids(server, '?limit=3')).toEqual(sorted.slice(0, 3));
  expect(await ids(server, '?limit=2&after=a')).toEqual(['a b', 'b']);
  expect(await ids(server, `?after=${encodeURIComponent('c/d')}`)).toEqual(['é']);
  // A room that was the end of the last page may be gone by the time of the next.
  expect(await ids(server, '?after=aa')).toEqual(['b', 'c/d', 'é']);
  expect(await ids(server, `?after=${encodeURIComponent('é')}`)).toEqual([]);
  expect(await stats(server, '?limit=1&after=b')).toMatchObject({ roomCount: 8, totalPeers: 8 });

  const seen: string[] = [];
  for (let page = await ids(server, '?limit=3'); page.length > 0; ) {
    seen.push(...page);
    page = await ids(server, `?limit=3&after=${encodeURIComponent(page.at(-1)!)}`);
  }
  expect(seen).toEqual(sorted);
});

test('?room= adds who is in that room, in order of joining, and nothing of what they show', async () => {
  const server = await build();
  const { instance } = server.app.cluster;
  const a = await joinV1(server, encodeURIComponent('r/1'), 'a');
  await join(server, 'r/1', '__proto__');
  await join(server, 'other', 'x');
  a.send({ type: 'state', data: { name: 'Ada' } });
  await a.flush();
  const asked = `?limit=0&room=${encodeURIComponent('r/1')}`;
  const first = { id: 'a', dialect: 'v1', status: 'here', instance };
  const second = { ...first, id: '__proto__', dialect: 'plain' };
  expect(await stats(server, asked)).toMatchObject({ roomCount: 2, totalPeers: 3, rooms: [] });
  expect((await stats(server, asked)).peers).toEqual([first, second]);
  a.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  expect((await stats(server, asked)).peers).toEqual([{ ...first, status: 'away' }, second]);
  for (const nobody of ['', '__proto__', 'x'.repeat(500), '%00'])
    expect((await stats(server, `?room=${nobody}`)).peers).toEqual([]);
  expect(await stats(server)).not.toHaveProperty('peers');
});

test('a page holds 1000 rooms where no limit is given', async () => {
  const server = await build({ JOIN_RATE: '0' });
  const names = Array.from({ length: 1001 }, (_, n) => `room-${String(n).padStart(4, '0')}`);
  for (let from = 0; from < names.length; from += 100) {
    await Promise.all(names.slice(from, from + 100).map((name) => join(server, name, 'p')));
  }
  expect(await ids(server)).toEqual(names.slice(0, 1000));
  expect(await ids(server, '?after=room-0999')).toEqual(['room-1000']);
  expect(await stats(server)).toMatchObject({ roomCount: 1001, totalPeers: 1001 });
});

test('a room id with __proto__, emoji or quotes is listed as it is', async () => {
  const server = await build();
  const names = ['__proto__', 'constructor', '🦊 "quoted"'];
  for (const name of names) await join(server, name, 'p');
  expect(await ids(server)).toEqual(names);
});

test.for([{}, PRODUCTION])(
  'with STATS_TOKEN, /stats wants it as a bearer token, else 401 (%o)',
  async (env) => {
    const server = await build({ ...env, STATS_TOKEN: 'let-me-see' });
    await join(server, 'room', 'p');
    expect(await statusFor(server)).toBe(401);
    for (const wrong of [
      'Bearer let-me-se',
      'Bearer let-me-see2',
      'Bearer ',
      'Basic let-me-see',
      'let-me-see',
    ]) {
      expect(await statusFor(server, wrong), wrong).toBe(401);
    }
    const refused = await (await fetch(`${server.url}/stats?token=let-me-see`)).text();
    expect(refused).not.toContain('totalPeers');
    expect(refused).not.toContain('let-me-see');
    const body = await stats(server, '', 'Bearer let-me-see');
    expect(body).toMatchObject({ roomCount: 1, totalPeers: 1, rooms: [{ id: 'room' }] });
  },
);

test('in production without STATS_TOKEN the counts stay public and rooms is left out', async () => {
  const server = await build(PRODUCTION);
  await join(server, 'secret-room', 'p');
  const response = await fetch(`${server.url}/stats?limit=1&room=secret-room`);
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ roomCount: 1, totalPeers: 1 });
  for (const hidden of ['rooms', 'peers']) expect(JSON.parse(text)).not.toHaveProperty(hidden);
  expect(text).not.toContain('secret-room');
});
