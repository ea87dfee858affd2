import { expect, test } from 'vitest';
import { build, join, socket } from '../helper.ts';
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

test('away peers count in the capacity of the room, and their return needs none', async () => {
  const server = await build({ MAX_PEERS_PER_ROOM: '2', MAX_PEERS: '2' });
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  expect((await a.next()).type).toBe('peer-away');
  expect((await socket(server, '/ws/r/c').closed).code).toBe(1013);
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
