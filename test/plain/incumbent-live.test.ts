import { expect, test } from 'vitest';
import { build, join, socket } from '../helper.ts';

test('a live peer keeps its place: a stranger on its peer id is closed with 4509', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  const stranger = await socket(server, '/ws/room/a').opened();
  expect(await stranger.closed).toEqual({ code: 4509, reason: 'peer-id-in-use' });
  expect(stranger.unread).toEqual([]);
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
  b.send({ type: 'offer', to: 'a', data: 'still you' });
  expect(await a.next()).toMatchObject({ type: 'offer', from: 'b', data: 'still you' });
});

test('what the refused stranger sent while it waited reaches nobody', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  const stranger = await socket(server, '/ws/room/a').opened();
  stranger.send({ type: 'chat', data: 'I am a' });
  stranger.send({ type: 'offer', to: 'b', data: 'I am a' });
  expect((await stranger.closed).code).toBe(4509);
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
});

test('many strangers at once change nothing', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  const strangers = Array.from({ length: 10 }, () => socket(server, '/ws/room/a'));
  for (const stranger of strangers) expect((await stranger.closed).code).toBe(4509);
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
});

test('the same peer id in another room is another place', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const other = await join(server, 'room-2', 'a');
  expect(await a.flush()).toEqual([]);
  expect(await other.flush()).toEqual([]);
});

test('in a full room and a full instance the stranger is 4509, too: it takes no new place', async () => {
  const server = await build({ MAX_PEERS_PER_ROOM: '1', MAX_PEERS: '1' });
  const a = await join(server, 'room', 'a');
  expect((await socket(server, '/ws/room/a').closed).code).toBe(4509);
  expect(await a.flush()).toEqual([]);
});

test('a peer id is free as soon as its peer has left', async () => {
  const server = await build();
  const watcher = await join(server, 'room', 'watcher');
  const a = await join(server, 'room', 'a');
  a.ws.close();
  await watcher.nextOf('peer-left');
  const again = await join(server, 'room', 'a');
  expect(await again.flush()).toEqual([]);
});

test('a return that is quicker than its own goodbye gets the place, and the goodbye harms nobody', async () => {
  const server = await build();
  const watcher = await join(server, 'room', 'watcher');
  for (let n = 0; n < 20; n++) {
    const old = await join(server, 'room', 'a');
    const newer = socket(server, '/ws/room/a');
    if (n % 2 === 0) old.ws.close();
    else old.ws.terminate();
    // Whichever the server read first: the newer one is in, or was told why not.
    const first = await Promise.race([newer.next(), newer.closed]);
    await old.closed;
    if ('code' in first) expect(first.code).toBe(4509);
    else {
      await watcher.flush();
      watcher.send({ type: 'offer', to: 'a', data: n });
      expect(await newer.next()).toMatchObject({ type: 'offer', data: n });
      newer.ws.terminate();
      expect(await watcher.next()).toMatchObject({ type: 'peer-left', data: 'a' });
    }
    await watcher.flush();
  }
});
