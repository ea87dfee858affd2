import { expect, test } from 'vitest';
import { build, join, socket, type TestServer, until } from '../helper.ts';
import { RawClient } from './raw-client.ts';

/** How a join that is refused ends; it has had no message. */
async function refusal(server: TestServer, path: string) {
  const refused = await socket(server, path).opened();
  const closed = await refused.closed;
  expect(refused.unread).toEqual([]);
  return closed;
}

async function totalPeers(server: TestServer): Promise<number> {
  const stats = (await (await fetch(`${server.url}/stats`)).json()) as { totalPeers: number };
  return stats.totalPeers;
}

test('a binary frame is closed with 1003 unsupported-data, and nothing after it counts', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  b.ws.send(Buffer.from('{"type":"chat","data":1}'));
  b.send({ type: 'chat', data: 2 });
  expect(await b.closed).toEqual({ code: 1003, reason: 'unsupported-data' });
  expect(await a.next()).toMatchObject({ type: 'peer-left', data: 'b' });
  expect(await a.flush()).toEqual([]);
});

test('invalid UTF-8 is closed with 1007', async () => {
  const a = await join(await build(), 'room', 'a');
  a.ws.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
  expect((await a.closed).code).toBe(1007);
});

test('a broken frame is closed with 1002', async () => {
  const server = await build();
  // A reserved opcode, a reserved bit, and a frame of a client that is not masked.
  for (const bytes of [
    [0x83, 0x80, 0, 0, 0, 0],
    [0xf1, 0x80, 0, 0, 0, 0],
    [0x81, 0x02, 0x7b, 0x7d],
  ]) {
    const client = new RawClient(server, '/ws/room/a');
    await client.hello();
    client.socket.write(Buffer.from(bytes));
    expect(await client.closeCode()).toBe(1002);
    client.socket.destroy();
    await until(async () => (await totalPeers(server)) === 0);
  }
});

test('a message in more than MAX_FRAGMENTS fragments is closed with 1008', async () => {
  const server = await build({ MAX_FRAGMENTS: '4' });
  const a = await join(server, 'room', 'a');
  const fragments = ['{"type":', '"ping",', '"data":', '1}'];
  for (const fragment of fragments) a.ws.send(fragment, { fin: fragment === '1}' });
  expect(await a.next()).toMatchObject({ type: 'pong', data: 1 });
  for (let n = 0; n < 6; n++) a.ws.send(' ', { fin: false });
  expect((await a.closed).code).toBe(1008);
});

test('a message over MAX_MESSAGE_BYTES is closed with 1009, and one of that size passes', async () => {
  const server = await build({ MAX_MESSAGE_BYTES: '200' });
  const a = await join(server, 'room', 'a');
  const empty = '{"type":"ping","data":""}';
  const data = 'x'.repeat(200 - empty.length);
  a.send({ type: 'ping', data });
  expect(await a.next()).toMatchObject({ type: 'pong', data });
  a.send({ type: 'ping', data: `${data}x` });
  expect((await a.closed).code).toBe(1009);
});

test('a room that is full is 4402 room-full, seen by nobody, and has room again when somebody left', async () => {
  const server = await build({ MAX_PEERS_PER_ROOM: '2' });
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  expect(await refusal(server, '/ws/room/c')).toEqual({ code: 4402, reason: 'room-full' });
  expect(await a.flush()).toEqual([]);
  await join(server, 'another room', 'c');
  b.ws.close();
  await a.nextOf('peer-left');
  await join(server, 'room', 'c');
  expect(await a.next()).toMatchObject({ type: 'new-peer', data: 'c' });
});

test('an instance with MAX_PEERS is full: 1013 overloaded, in whatever room', async () => {
  const server = await build({ MAX_PEERS: '2' });
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  for (const path of ['/ws/room/c', '/ws/room-2/c']) {
    expect(await refusal(server, path)).toEqual({ code: 1013, reason: 'overloaded' });
  }
  expect(await a.flush()).toEqual([]);
  b.ws.close();
  await a.nextOf('peer-left');
  await join(server, 'room-2', 'c');
  expect(await totalPeers(server)).toBe(2);
});

test('for a maximum 0 means no limit', async () => {
  const server = await build({
    MAX_PEERS: '0',
    MAX_PEERS_PER_ROOM: '0',
    MAX_BUFFERED_BYTES: '0',
    MAX_FRAGMENTS: '0',
    MAX_MESSAGE_BYTES: '0',
    MESSAGE_RATE: '0',
    BYTE_RATE: '0',
  });
  const ids = Array.from({ length: 110 }, (_, n) => `peer-${n}`);
  const [a, b] = await Promise.all(ids.map((id) => join(server, 'room', id)));
  expect(await totalPeers(server)).toBe(110);
  const data = 'x'.repeat(100_000);
  a!.send({ type: 'offer', to: 'peer-1', data });
  expect((await b!.nextOf('offer')).data === data).toBe(true);
  for (let n = 0; n < 100; n++) a!.ws.send(' ', { fin: false });
  a!.ws.send('{"type":"ping","data":"whole"}', { fin: true });
  expect(await a!.nextOf('pong')).toMatchObject({ data: 'whole' });
});
