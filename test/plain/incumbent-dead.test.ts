import { once } from 'node:events';
import { expect, test } from 'vitest';
import { build, type Frame, join, socket, type TestServer, type TestSocket } from '../helper.ts';
import { RawClient } from './raw-client.ts';

const said = (frames: Frame[]) => frames.map(({ type, data }) => [type, data]);

/** What the others are to see when a's place is taken over. */
const TAKEN_OVER = [
  ['peer-left', 'a'],
  ['new-peer', 'a'],
  ['peers', ['watcher', 'a']],
];

/** A watcher and a peer `a` that answers no ping. */
async function room(
  server: TestServer,
): Promise<{ watcher: TestSocket; dead: TestSocket; checked: Promise<unknown> }> {
  const watcher = await join(server, 'room', 'watcher');
  const dead = socket(server, '/ws/room/a', { autoPong: false });
  const checked = once(dead.ws, 'ping');
  await dead.next();
  await watcher.flush();
  return { watcher, dead, checked };
}

test('a dead socket can’t block its own return: terminated after 2 s, peer-left, then new-peer', async () => {
  const server = await build();
  const watcher = await join(server, 'room', 'watcher');
  const dead = new RawClient(server, '/ws/room/a');
  await dead.hello();
  await watcher.flush();
  const startedAt = performance.now();
  const newcomer = socket(server, '/ws/room/a');
  const ended = once(dead.socket, 'close');
  expect(await newcomer.next()).toEqual({
    type: 'peers',
    room: 'room',
    from: 'server',
    data: ['watcher', 'a'],
  });
  // It has had its two seconds; a timer may be a little early by the other clock.
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  await ended;
  expect(said(await watcher.flush())).toEqual(TAKEN_OVER);
  watcher.send({ type: 'offer', to: 'a', data: 1 });
  expect(await newcomer.next()).toMatchObject({ type: 'offer', from: 'watcher' });
  newcomer.send({ type: 'answer', to: 'watcher', data: 2 });
  expect(await watcher.next()).toMatchObject({ type: 'answer', from: 'a', data: 2 });
});

test('what the newcomer sends while it waits is not lost, and comes in order after its new-peer', async () => {
  const server = await build();
  const { watcher, checked } = await room(server);
  const newcomer = await socket(server, '/ws/room/a').opened();
  for (let n = 0; n < 100; n++) newcomer.send({ type: 'offer', to: 'watcher', data: n });
  await checked;
  for (let n = 100; n < 200; n++) newcomer.send({ type: 'ice', to: 'watcher', data: n });
  // Nothing is said in the name of a before the place is its own.
  expect(await watcher.flush()).toEqual([]);
  expect(said([await watcher.next(), await watcher.next(), await watcher.next()])).toEqual(TAKEN_OVER);
  for (let n = 0; n < 200; n++) expect(await watcher.next()).toMatchObject({ from: 'a', data: n });
  expect(await newcomer.next()).toMatchObject({ type: 'peers' });
});

test('of two newcomers at once one gets the place, and the other is closed with 4509', async () => {
  const server = await build();
  const { watcher } = await room(server);
  const newcomers = [socket(server, '/ws/room/a'), socket(server, '/ws/room/a')];
  const results = await Promise.all(newcomers.map((one) => Promise.race([one.next(), one.closed])));
  const seated = results.findIndex((result) => 'type' in result);
  const refused = results.find((result) => 'code' in result);
  expect(results[seated]).toMatchObject({ type: 'peers', data: ['watcher', 'a'] });
  expect(refused).toEqual({ code: 4509, reason: 'peer-id-in-use' });
  expect(said(await watcher.flush())).toEqual(TAKEN_OVER);
  watcher.send({ type: 'offer', to: 'a', data: 1 });
  expect(await newcomers[seated]!.next()).toMatchObject({ type: 'offer', from: 'watcher' });
});

test('an incumbent that closes while it is checked makes room at once', async () => {
  for (const end of [(ws: TestSocket['ws']) => ws.close(), (ws: TestSocket['ws']) => ws.terminate()]) {
    const server = await build();
    const { watcher, dead, checked } = await room(server);
    const newcomer = socket(server, '/ws/room/a');
    await checked;
    end(dead.ws);
    expect(await newcomer.next()).toMatchObject({ type: 'peers', data: ['watcher', 'a'] });
    expect(said(await watcher.flush())).toEqual(TAKEN_OVER);
  }
});

test('a newcomer that gives up while it waits leaves nobody on the place', async () => {
  const server = await build();
  const { watcher, checked } = await room(server);
  const newcomer = socket(server, '/ws/room/a');
  await checked;
  newcomer.ws.terminate();
  await newcomer.closed;
  // Whether the dead one is ended for it or not: the next one gets in, and the news add up.
  const next = socket(server, '/ws/room/a');
  expect(await next.next()).toMatchObject({ type: 'peers', data: ['watcher', 'a'] });
  const news = (await watcher.flush()).filter(({ type }) => type !== 'peers');
  expect(news.length).toBeGreaterThan(0);
  news.forEach(({ type }, n) => {
    expect(type).toBe(n % 2 === 0 ? 'peer-left' : 'new-peer');
  });
  expect(news.at(-1)!.type).toBe('new-peer');
});

test('a dead peer’s place is taken over in a full room and a full instance', async () => {
  const server = await build({ MAX_PEERS_PER_ROOM: '2', MAX_PEERS: '2' });
  const { watcher } = await room(server);
  const newcomer = socket(server, '/ws/room/a');
  expect(await newcomer.next()).toMatchObject({ type: 'peers', data: ['watcher', 'a'] });
  expect(said(await watcher.flush())).toEqual(TAKEN_OVER);
});

test('a peer that answers no ping is left in peace while nobody asks for its place', async () => {
  const server = await build();
  const { watcher, dead } = await room(server);
  watcher.send({ type: 'offer', to: 'a', data: 1 });
  expect(await dead.next()).toMatchObject({ type: 'offer' });
  expect(await watcher.flush()).toEqual([]);
});

test('a socket that ends late never removes a newer one of the same peer id', async () => {
  const server = await build();
  const watcher = await join(server, 'room', 'watcher');
  // Closed by the server, but it does not answer the close frame: the socket lives on behind its peer.
  const old = new RawClient(server, '/ws/room/a');
  await old.hello();
  old.socket.write(Buffer.from([0x82, 0x80, 0, 0, 0, 0]));
  expect(await old.closeCode()).toBe(1003);
  await watcher.nextOf('peer-left');
  const newer = await join(server, 'room', 'a');
  await watcher.flush();
  const gone = once(old.socket, 'close');
  // Its answer to the close frame, and then the end of the connection.
  old.socket.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xeb]));
  await gone;
  expect(await watcher.flush()).toEqual([]);
  watcher.send({ type: 'offer', to: 'a', data: 1 });
  expect(await newer.next()).toMatchObject({ type: 'offer', from: 'watcher' });
});
