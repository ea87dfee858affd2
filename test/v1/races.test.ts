import { expect, test } from 'vitest';
import { JWT_SECRET, mint } from '../auth/mint.ts';
import { build, join, socket, until } from '../helper.ts';
import { joinV1 } from './v1.ts';

test('an owner that comes back while a stranger asks for its place keeps it', async () => {
  const server = await build();
  const watcher = await joinV1(server, 'r', 'watcher');
  const protocols = ['record-meet.v1'];
  const owner = socket(server, '/ws/r/a', { autoPong: false }, protocols);
  const { seat } = (await owner.next()).session as unknown as { seat: string };
  const stranger = socket(server, '/ws/r/a');
  await new Promise((resolve) => owner.ws.once('ping', resolve));
  const back = await joinV1(server, 'r', 'a', { seat });
  expect(back.welcome.resumed).toBe(true);
  expect((await stranger.closed).code).toBe(4509);
  expect((await watcher.flush()).map(({ type }) => type)).toEqual(['new-peer']);
  expect(await back.flush()).toEqual([]);
});

test('a v1 peer whose socket is dead is peer-left, not away, when a stranger asks for its place', async () => {
  const server = await build();
  const watcher = await joinV1(server, 'r', 'watcher');
  const dead = socket(server, '/ws/r/a', { autoPong: false }, ['record-meet.v1']);
  await dead.next();
  await watcher.flush();
  const stranger = await join(server, 'r', 'a');
  expect(await watcher.next()).toMatchObject({ type: 'peer-left', data: 'a' });
  expect(await watcher.next()).toMatchObject({ type: 'new-peer', data: 'a', peer: { dialect: 'plain' } });
  expect((await dead.closed).code).toBe(1006);
  expect(await stranger.flush()).toEqual([]);
  expect(await watcher.flush()).toEqual([]);
});

test('a stranger that had the place during the grace can not push the owner out with its seat', async () => {
  const server = await build();
  const owner = await joinV1(server, 'r', 'a');
  owner.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  const stranger = await joinV1(server, 'r', 'a');
  const back = await joinV1(server, 'r', 'a', { seat: owner.welcome.seat });
  expect((await stranger.closed).code).toBe(4510);
  const again = socket(server, '/ws/r/a', {}, ['record-meet.v1', `seat.${stranger.welcome.seat}`]);
  expect((await again.closed).code).toBe(4509);
  expect(await back.flush()).toEqual([]);
  // Nor can it keep the owner out, when it has the place once more meanwhile.
  back.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  const usurper = await joinV1(server, 'r', 'a', { seat: stranger.welcome.seat });
  const owned = await joinV1(server, 'r', 'a', { seat: owner.welcome.seat });
  expect((await usurper.closed).code).toBe(4510);
  expect(await owned.flush()).toEqual([]);
});

test('a long chat history keeps nobody out: what does not fit is left out, and it says so', async () => {
  const server = await build({ MESSAGE_RATE: '0', BYTE_RATE: '0' });
  const a = await join(server, 'r', 'a');
  for (let n = 1; n <= 30; n++) a.send({ type: 'chat', data: 'x'.repeat(60_000) });
  await a.flush();
  const b = await joinV1(server, 'r', 'b', { since: 0 });
  const seqs = b.welcome.chat.messages.map(({ seq }) => seq);
  expect(seqs.length).toBeGreaterThan(4);
  expect(seqs.at(-1)).toBe(30);
  expect(b.welcome.chat.complete).toBe(false);
});

test('ICE credentials are for the peer of the token, and without one anonymous', async () => {
  const server = await build({ TURN_SERVER: 'turn.example.com', TURN_SECRET: 's', JWT_SECRET });
  const a = await joinV1(server, 'r', 'a');
  expect(a.welcome.iceServers[1]!.username).toMatch(/^\d+:anonymous$/);
  expect(Date.parse(a.welcome.iceServersExpireAt!)).toBeGreaterThan(Date.now());
  const b = await joinV1(server, 'r', 'b', { token: await mint('b') });
  expect(b.welcome.iceServers[1]!.username).toMatch(/^\d+:b$/);
});

test('a grace that ends during a drain is announced to nobody', async () => {
  const server = await build({ GRACE_SECONDS: '1' });
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  expect((await a.next()).type).toBe('peer-away');
  server.app.rooms.draining = true;
  // The grace is over when a timer that was set later for longer has run.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await a.flush()).toEqual([]);
});
