import { expect, test } from 'vitest';
import { build, join, socket } from '../helper.ts';
import { RawClient, textFrame } from './raw-client.ts';

test('frames in the same packet as the upgrade request are not lost', async () => {
  const server = await build();
  const b = await join(server, 'room', 'b');
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const glued = numbers.map((data) => textFrame({ type: 'offer', to: 'b', data }));
  const a = new RawClient(server, '/ws/room/a', glued);
  expect(await b.next()).toMatchObject({ type: 'new-peer', data: 'a' });
  expect(await b.next()).toMatchObject({ type: 'peers', data: ['b', 'a'] });
  for (const data of numbers) expect(await b.next()).toMatchObject({ type: 'offer', from: 'a', data });
  // And its own first message is `peers` all the same.
  expect(await a.hello()).toMatchObject({ type: 'peers', data: ['b', 'a'] });
});

test('half a frame in the same packet is put together with the rest', async () => {
  const server = await build();
  const b = await join(server, 'room', 'b');
  const frame = textFrame({ type: 'offer', to: 'b', data: 'x'.repeat(1000) });
  const a = new RawClient(server, '/ws/room/a', [frame.subarray(0, 300)]);
  await a.hello();
  a.socket.write(frame.subarray(300));
  expect(await b.nextOf('offer')).toMatchObject({ from: 'a', data: 'x'.repeat(1000) });
});

test('frames glued to a join that has to wait for a dead incumbent are not lost either', async () => {
  const server = await build();
  const b = await join(server, 'room', 'b');
  const dead = socket(server, '/ws/room/a', { autoPong: false });
  await dead.next();
  await b.flush();
  const glued = [1, 2, 3].map((data) => textFrame({ type: 'ice', to: 'b', data }));
  const a = new RawClient(server, '/ws/room/a', glued);
  expect(await b.next()).toMatchObject({ type: 'peer-left', data: 'a' });
  expect(await b.next()).toMatchObject({ type: 'new-peer', data: 'a' });
  expect(await b.next()).toMatchObject({ type: 'peers', data: ['b', 'a'] });
  for (const data of [1, 2, 3]) expect(await b.next()).toMatchObject({ type: 'ice', from: 'a', data });
  expect(await a.hello()).toMatchObject({ type: 'peers', data: ['b', 'a'] });
});

test('a close in the same packet as the upgrade request leaves nobody behind', async () => {
  const server = await build();
  const b = await join(server, 'room', 'b');
  const close = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
  const frames = [textFrame({ type: 'offer', to: 'b', data: 'last words' }), close];
  new RawClient(server, '/ws/room/a', frames);
  expect(await b.next()).toMatchObject({ type: 'new-peer', data: 'a' });
  expect(await b.next()).toMatchObject({ type: 'peers' });
  expect(await b.next()).toMatchObject({ type: 'offer', data: 'last words' });
  expect(await b.next()).toMatchObject({ type: 'peer-left', data: 'a' });
});

test('frames glued to a join that is refused reach nobody', async () => {
  const server = await build({ MAX_PEERS_PER_ROOM: '1' });
  const b = await join(server, 'room', 'b');
  const glued = [textFrame({ type: 'chat', data: 'hello' })];
  expect(await new RawClient(server, '/ws/room/server', glued).closeCode()).toBe(4500);
  expect(await new RawClient(server, '/ws/room/a', glued).closeCode()).toBe(4402);
  expect(await b.flush()).toEqual([]);
});
