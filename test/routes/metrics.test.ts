import { expect, test } from 'vitest';
import { build, join, socket, until } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';

/** The figures of a scrape, by name and labels. */
async function scrape(url: string, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

test('it counts peers, rooms, joins, closes, messages and errors, and twice asked gives the same', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await join(server, 'r', 'b');
  a.send({ type: 'offer', to: 'b', data: 'x' });
  await b.nextOf('offer');
  a.send({ type: 'offer', to: 'nobody', data: 'x' });
  a.send('no json');
  a.send({ type: 'report', to: 'b', data: { event: 'connected', ms: 800, path: 'host' } });
  await a.flush();
  b.ws.close(1000);
  await until(() => server.app.rooms.census.peers === 1);
  a.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  for (const _ of [1, 2]) {
    expect(Object.fromEntries(await scrape(server.url))).toMatchObject({
      record_meet_peers: 1,
      record_meet_peers_away: 1,
      record_meet_rooms: 1,
      record_meet_connections: 0,
      record_meet_draining: 0,
      record_meet_joins_total: 2,
      record_meet_resumes_total: 0,
      'record_meet_closes_total{code="1000"}': 1,
      'record_meet_closes_total{code="1006"}': 1,
      'record_meet_messages_total{type="offer"}': 2,
      'record_meet_errors_total{code="peer-not-found"}': 1,
      'record_meet_errors_total{code="invalid-json"}': 1,
      'record_meet_calls_total{event="connected"}': 1,
      'record_meet_call_connected_seconds_count{path="host"}': 1,
    });
  }
  await joinV1(server, 'r', 'a', { seat: a.welcome.seat });
  expect(await scrape(server.url)).toContainEqual(['record_meet_resumes_total', 1]);
});

test('a close is counted as ours only if it was: a client may send any code', async () => {
  const server = await build();
  for (const code of [1013, 4501, 3000]) {
    const a = await join(server, 'r', 'a');
    a.ws.close(code);
    await a.closed;
    await until(() => server.app.rooms.census.peers === 0);
  }
  await socket(server, '/ws/r/server').closed;
  const figures = await scrape(server.url);
  const counts = ['other', '1013', '4501', '4500'].map((code) =>
    figures.get(`record_meet_closes_total{code="${code}"}`),
  );
  expect(counts).toEqual([3, 0, 0, 1]);
  const refused = server.logs.filter(({ msg }) => msg === 'join refused');
  expect(refused).toMatchObject([{ room: 'r', peer: 'server', code: 4500 }]);
});

test('relays are timed, by a sample', async () => {
  const server = await build();
  const a = await join(server, 'r', 'a');
  for (let n = 0; n < 200; n++) a.send({ type: 'offer', to: 'a', data: n });
  await a.flush();
  expect((await scrape(server.url)).get('record_meet_relay_seconds_count')).toBe(3);
});

test('no label is a room or a peer: the number of figures does not grow with them', async () => {
  const server = await build();
  // Of our own: those of Node's garbage collector begin whenever it first runs.
  const own = async () =>
    [...(await scrape(server.url)).keys()].filter((name) => name.startsWith('record_meet_'));
  const before = await own();
  for (let n = 0; n < 50; n++) await join(server, `room-${n}`, `peer-${n}`);
  expect(await own()).toEqual(before);
});

test('every label that is known beforehand is there from the start, at zero', async () => {
  const figures = await scrape((await build()).url);
  for (const label of [
    'closes_total{code="1011"}',
    'closes_total{code="1006"}',
    'messages_total{type="offer"}',
    'message_bytes_total{type="report"}',
    'errors_total{code="rate-limited"}',
    'calls_total{event="failed"}',
  ]) {
    expect([label, figures.get(`record_meet_${label}`)]).toEqual([label, 0]);
  }
});

test('it wants the STATS_TOKEN, if there is one, and is open without, in production too', async () => {
  const server = await build({ STATS_TOKEN: 'token' });
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  expect((await scrape(server.url, { authorization: 'Bearer token' })).size).toBeGreaterThan(20);
  const production = await build({ ENVIRONMENT: 'production', JWT_SECRET: 'k'.repeat(48) });
  expect((await scrape(production.url)).size).toBeGreaterThan(20);
});
