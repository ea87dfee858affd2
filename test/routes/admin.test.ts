import { expect, test } from 'vitest';
import { enter, JWT_SECRET, mint, REMOVED, tryToken } from '../auth/mint.ts';
import { build, join, until } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { ADMIN_TOKEN, ask } from './admin-api.ts';

const ENV = { ADMIN_TOKEN, JWT_SECRET };
const REQUESTS = ['GET /r/peers', 'DELETE /r/peers/a', 'DELETE /r', 'POST /r/announcement'];

test('without ADMIN_TOKEN there is no such path, in production neither', async () => {
  for (const ENVIRONMENT of ['test', 'production']) {
    const server = await build({ ENVIRONMENT, JWT_SECRET });
    for (const request of REQUESTS) {
      const path = `/admin/rooms${request.split(' ')[1]}`;
      const answer = await ask(server, request, undefined, { authorization: 'Bearer ' });
      expect(answer).toEqual({ status: 404, body: { error: 'Not Found', path } });
    }
  }
});

test('every request wants the token, and no other one will do', async () => {
  const server = await build({ ...ENV, STATS_TOKEN: 'the-stats-token' });
  const a = await join(server, 'r', 'a');
  for (const request of REQUESTS) {
    const body = request.startsWith('POST') ? '{"data":1}' : undefined;
    for (const authorization of [
      '',
      'Bearer the-stats-token',
      `Basic ${ADMIN_TOKEN}`,
      `Bearer ${ADMIN_TOKEN}x`,
    ])
      expect((await ask(server, request, body, { authorization })).status, request).toBe(401);
  }
  expect(await a.flush()).toEqual([]);
});

test('a page of another origin may not use it, and an allowed one may not remove', async () => {
  const server = await build({ ...ENV, NEXT_JS_URL: 'https://meet.example.com' });
  for (const origin of ['https://elsewhere.example', 'https://meet.example.com']) {
    const headers = {
      origin,
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'authorization',
    };
    const answer = await fetch(`${server.url}/admin/rooms/r`, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-methods') ?? '').not.toContain('DELETE');
  }
});

test('it lists the peers of a room in order of joining, with what they show', async () => {
  const server = await build(ENV);
  const a = await joinV1(server, 'r', 'a');
  await join(server, 'r', 'b');
  a.send({ type: 'state', data: { name: 'Ada' } });
  await a.flush();
  const peer = { session: expect.any(String), instance: server.app.cluster.instance, status: 'here' };
  expect(await ask(server, 'GET /r/peers')).toEqual({
    status: 200,
    body: {
      peers: [
        { ...peer, id: 'a', session: a.welcome.id, dialect: 'v1', state: { name: 'Ada' } },
        { ...peer, id: 'b', dialect: 'plain', state: {} },
      ],
    },
  });
  a.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  expect((await ask(server, 'GET /r/peers')).body).toMatchObject({
    peers: [{ id: 'a', status: 'away' }, {}],
  });
});

test('a removed peer is closed with 4511, the others hear peer-left, and its token is refused', async () => {
  const server = await build(ENV);
  const token = await mint('a');
  const a = await enter(server, token, 'a');
  const b = await join(server, 'r', 'b');
  expect(await ask(server, 'DELETE /r/peers/a')).toEqual({ status: 204, body: undefined });
  expect(await a.closed).toEqual(REMOVED);
  expect(await b.flush()).toEqual([{ type: 'peer-left', room: 'r', from: 'server', data: 'a' }]);
  expect(await tryToken(server, token, 'a').closed).toEqual(REMOVED);
  expect((await ask(server, 'DELETE /r/peers/a')).status).toBe(404);
});

test('one that is away is removed too: its seat brings nothing back', async () => {
  const server = await build(ENV);
  const a = await joinV1(server, 'r', 'a');
  a.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  expect((await ask(server, 'DELETE /r/peers/a')).status).toBe(204);
  expect(server.app.rooms.census.peers).toBe(0);
  expect((await joinV1(server, 'r', 'a', { seat: a.welcome.seat })).welcome.resumed).toBe(false);
});

test('a closed room loses all its peers and no other room any', async () => {
  const server = await build(ENV);
  const peers = [await join(server, 'r', 'a'), await joinV1(server, 'r', 'b'), await join(server, 'r', 'c')];
  const other = await join(server, 'r2', 'a');
  expect(await ask(server, 'DELETE /r')).toEqual({ status: 200, body: { peers: 3 } });
  for (const peer of peers) expect(await peer.closed).toEqual(REMOVED);
  expect(await other.flush()).toEqual([]);
  expect(server.app.rooms.known.find('r', 'a')).toBeUndefined();
});

test('a room or peer that is not there is 404, whatever its id is', async () => {
  const server = await build(ENV);
  await join(server, 'r', 'a');
  const missing = { error: 'Not Found', message: expect.any(String) };
  for (const request of [
    'GET /nobody/peers',
    'DELETE /nobody',
    'DELETE /nobody/peers/a',
    'DELETE /r/peers/__proto__',
    'GET /__proto__/peers',
    `GET /${'x'.repeat(500)}/peers`,
    'GET /%00/peers',
  ])
    expect(await ask(server, request), request).toEqual({ status: 404, body: missing });
  expect((await ask(server, 'POST /nobody/announcement', '{"data":1}')).status).toBe(404);
});

test('an id is percent-decoded like those of the socket', async () => {
  const server = await build(ENV);
  const a = await join(server, 'r/1 é', 'p/ü');
  const room = encodeURIComponent('r/1 é');
  expect((await ask(server, `GET /${room}/peers`)).body).toMatchObject({ peers: [{ id: 'p/ü' }] });
  expect((await ask(server, `DELETE /${room}/peers/${encodeURIComponent('p/ü')}`)).status).toBe(204);
  expect(await a.closed).toEqual(REMOVED);
});

test('an announcement goes to every peer of the room and to nobody else, as the JSON text that came', async () => {
  const server = await build(ENV);
  const [a, b, other] = [
    await join(server, 'r', 'a'),
    await joinV1(server, 'r', 'b'),
    await join(server, 's', 'a'),
  ];
  await a.flush();
  const data = '{"text":"Pause at 12 – 你好","n":[1e400,12345678901234567890],"__proto__":{}}';
  expect(await ask(server, 'POST /r/announcement', `{ "data" : 1, "more": 2, "data": ${data} }`)).toEqual({
    status: 200,
    body: { peers: 2 },
  });
  const frame = `{"type":"announcement","room":"r","from":"server","data":${data}}`;
  expect(await a.nextText()).toBe(frame);
  expect(await b.nextText()).toBe(frame);
  expect(await other.flush()).toEqual([]);
});

test.for([
  ['no JSON', 'x', 400],
  ['nothing', '', 400],
  ['no object', '[1]', 400],
  ['null', 'null', 400],
  ['no data', '{"text":1}', 400],
  ['too much', `{"data":"${'x'.repeat(70_000)}"}`, 413],
] as const)('a body that is no announcement is refused: %s', async ([, body, status]) => {
  const server = await build(ENV);
  const a = await join(server, 'r', 'a');
  expect(await ask(server, 'POST /r/announcement', body)).toMatchObject({
    status,
    body: { error: 'Bad Request' },
  });
  expect(await a.flush()).toEqual([]);
});

test('it is logged who was removed, and never the token', async () => {
  const server = await build(ENV);
  await join(server, 'r', 'a');
  await ask(server, 'DELETE /r/peers/a');
  expect(server.logs).toContainEqual(
    expect.objectContaining({ msg: 'peer removed by the operator', room: 'r', peer: 'a' }),
  );
  expect(JSON.stringify(server.logs)).not.toContain(ADMIN_TOKEN);
});
