import { expect, test } from 'vitest';
import { enter, JWT_SECRET, mint, REMOVED } from '../auth/mint.ts';
import { build, join, socket, until } from '../helper.ts';
import { joinV1 } from './v1.ts';

test('a close by the server below 4500 keeps the seat: the others get peer-away', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.send(Buffer.from([1]));
  expect((await b.closed).code).toBe(1003);
  expect((await a.next()).type).toBe('peer-away');
  const back = await joinV1(server, 'r', 'b', { seat: b.welcome.seat });
  expect(back.welcome.resumed).toBe(true);
});

test('a close by the client with a code of its own is no leave', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.close(4999);
  expect((await a.next()).type).toBe('peer-away');
});

test('a close by the server with 4500 or more is a leave: no seat is kept', async () => {
  const server = await build({ JWT_SECRET });
  const host = await enter(server, await mint('host', { host: true }), 'host');
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  host.send({ type: 'remove', to: 'b' });
  expect(await b.closed).toEqual(REMOVED);
  expect(await a.next()).toEqual({ type: 'peer-left', room: 'r', from: 'server', data: 'b' });
  expect((await joinV1(server, 'r', 'b', { seat: b.welcome.seat })).welcome.resumed).toBe(false);
});

test('what is sent to a peer that is away earns peer-away, from both dialects; an ack is dropped', async () => {
  const server = await build();
  const plain = await join(server, 'r', 'plain');
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  b.ws.terminate();
  expect(await a.nextOf('peer-away')).toMatchObject({ data: 'b' });
  for (const sender of [a, plain]) {
    await sender.flush();
    for (const type of ['offer', 'answer', 'ice', 'chat']) {
      sender.send({ type, to: 'b', data: 1, id: type });
      const [error, ...more] = await sender.flush();
      expect(error).toMatchObject({ type: 'error', data: { code: 'peer-away' }, id: type });
      expect(more).toEqual([]);
    }
  }
  a.send({ type: 'ack', to: 'b', id: 'x.1' });
  expect(await a.flush()).toEqual([]);
});

test('away peers stand in the peers of newcomers, with what they showed; v1 ones see that they are away', async () => {
  const server = await build();
  const b = await joinV1(server, 'r', 'b');
  b.send({ type: 'state', data: { name: 'Ben' } });
  await b.flush();
  b.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  const plain = socket(server, '/ws/r/plain');
  expect(await plain.next()).toMatchObject({ type: 'peers', data: ['b', 'plain'] });
  const a = await joinV1(server, 'r', 'a');
  expect(a.data).toEqual(['b', 'plain', 'a']);
  expect(a.welcome.peers[0]).toMatchObject({
    id: 'b',
    session: b.welcome.id,
    status: 'away',
    state: { name: 'Ben' },
  });
});

test('a return carries all that was missed: who came and left, states, and the chat after since', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const leaver = await join(server, 'r', 'leaver');
  const b = await joinV1(server, 'r', 'b');
  a.send({ type: 'chat', data: 'seen' });
  const { seq } = await b.nextOf('chat');
  b.send({ type: 'state', data: { hand: true } });
  await b.flush();
  b.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  leaver.ws.close();
  await a.nextOf('peer-left');
  await join(server, 'r', 'new');
  a.send({ type: 'state', data: { name: 'Ada' } });
  a.send({ type: 'chat', data: 'missed' });
  await a.flush();
  const { data, welcome } = await joinV1(server, 'r', 'b', { seat: b.welcome.seat, since: seq! });
  expect(data).toEqual(['a', 'b', 'new']);
  expect(welcome).toMatchObject({
    resumed: true,
    peers: [{ state: { name: 'Ada' } }, { state: { hand: true }, status: 'here' }, { dialect: 'plain' }],
    chat: { messages: [{ data: 'missed', seq: seq! + 1 }], complete: true },
  });
});

test.each([
  [{ MAX_PEERS_PER_ROOM: '2' }, 4402],
  [{ MAX_PEERS: '2' }, 1013],
])('away peers count where peers are limited (%o), and their return needs no place', async (limit, code) => {
  const server = await build(limit as Record<string, string>);
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  expect((await a.next()).type).toBe('peer-away');
  expect((await socket(server, '/ws/r/c').closed).code).toBe(code);
  const back = await joinV1(server, 'r', 'b', { seat: b.welcome.seat });
  expect(back.welcome.resumed).toBe(true);
});

test('a plain peer that takes the place of one who is away is new, and the roster says plain', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  expect((await a.next()).type).toBe('peer-away');
  await join(server, 'r', 'b');
  expect(await a.next()).toMatchObject({ type: 'peer-left', data: 'b' });
  expect(await a.next()).toMatchObject({
    type: 'new-peer',
    peer: { id: 'b', dialect: 'plain', status: 'here' },
  });
});
