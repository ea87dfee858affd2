import { expect, test } from 'vitest';
import { build, type Frame, join, socket, type TestSocket, until } from '../helper.ts';

const said = (frames: Frame[]) => frames.map(({ type, data }) => [type, data]);

test('peers is the newcomer’s first message: all ids in order of joining, its own included', async () => {
  const server = await build();
  const ids = ['z', 'a', '10', '9', 'é'];
  for (let n = 0; n < ids.length; n++) {
    const newcomer = socket(server, `/ws/room/${encodeURIComponent(ids[n]!)}`);
    expect(await newcomer.next()).toEqual({
      type: 'peers',
      room: 'room',
      from: 'server',
      data: ids.slice(0, n + 1),
    });
    // No `new-peer` about itself, and nothing else.
    expect(await newcomer.flush()).toEqual([]);
  }
});

test('all the others get new-peer and right after it peers', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  const elsewhere = await join(server, 'room-2', 'a');
  await a.flush();
  await join(server, 'room', 'c');
  for (const peer of [a, b]) {
    expect(await peer.next()).toEqual({ type: 'new-peer', room: 'room', from: 'server', data: 'c' });
    expect(await peer.next()).toEqual({ type: 'peers', room: 'room', from: 'server', data: ['a', 'b', 'c'] });
    expect(await peer.flush()).toEqual([]);
  }
  expect(await elsewhere.flush()).toEqual([]);
});

test('a peer named by new-peer or peers can be sent to at once', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  a.ws.on('message', (data) => {
    const frame = JSON.parse(data.toString()) as Frame;
    if (frame.type === 'new-peer') a.send({ type: 'offer', to: frame.data, data: 'from a' });
  });
  const b = socket(server, '/ws/room/b');
  b.ws.once('message', () => b.send({ type: 'ice', to: 'a', data: 'from b' }));
  expect((await b.next()).type).toBe('peers');
  expect(await b.next()).toMatchObject({ type: 'offer', from: 'a', data: 'from a' });
  expect(await a.nextOf('ice')).toMatchObject({ from: 'b', data: 'from b' });
});

test('of any two peers exactly one learns of the other by new-peer, however close together they join', async () => {
  const server = await build();
  const ids = Array.from({ length: 12 }, (_, n) => `peer-${n}`);
  const peers = ids.map((id) => socket(server, `/ws/room/${id}`));
  await Promise.all(peers.map((peer) => peer.opened()));
  await until(() => server.app.rooms.census.peers === ids.length);
  const known = new Map<string, { first: string[]; arrived: string[] }>();
  for (let n = 0; n < ids.length; n++) {
    const [first, ...later] = await peers[n]!.flush();
    const arrived = later.filter(({ type }) => type === 'new-peer').map(({ data }) => String(data));
    expect(first).toMatchObject({ type: 'peers' });
    known.set(ids[n]!, { first: first!.data as string[], arrived });
  }
  for (const x of ids) {
    expect(known.get(x)!.first.at(-1)).toBe(x);
    for (const y of ids) {
      if (x === y) continue;
      const news = known.get(x)!.arrived.filter((id) => id === y).length;
      // Who had no news of y found it there, and y has news of x.
      const found = known.get(x)!.first.includes(y);
      expect(news, `${x} of ${y}`).toBe(found ? 0 : 1);
      expect(known.get(y)!.first.includes(x), `${y} of ${x}`).toBe(!found);
    }
  }
});

const ENDS: [string, (peer: TestSocket) => void][] = [
  ['a close without a status', (peer) => peer.ws.close()],
  ['a close with 1000', (peer) => peer.ws.close(1000)],
  ['a close with 1001', (peer) => peer.ws.close(1001, 'going away')],
  ['a close with a code of its own', (peer) => peer.ws.close(4999, 'x')],
  ['a lost connection', (peer) => peer.ws.terminate()],
  ['a binary frame', (peer) => peer.ws.send(Buffer.from([1]))],
  ['invalid UTF-8', (peer) => peer.ws.send(Buffer.from([0xff]), { binary: false })],
];

test.for(ENDS)('all the others get peer-left exactly once, at once, after %s', async ([, end]) => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  const c = await join(server, 'room', 'c');
  await a.flush();
  await b.flush();
  end(c);
  for (const peer of [a, b]) {
    expect(await peer.next()).toEqual({ type: 'peer-left', room: 'room', from: 'server', data: 'c' });
  }
  await c.closed;
  // It is free for a return, and what is left of the old socket takes nothing from the new one.
  const again = await join(server, 'room', 'c');
  for (const peer of [a, b]) {
    expect(said(await peer.flush())).toEqual([
      ['new-peer', 'c'],
      ['peers', ['a', 'b', 'c']],
    ]);
  }
  a.send({ type: 'offer', to: 'c', data: 1 });
  expect(await again.next()).toMatchObject({ type: 'offer', from: 'a' });
});

test('one peer-left for each new-peer, over many comings and goings', async () => {
  const server = await build();
  const watcher = await join(server, 'room', 'watcher');
  for (let n = 0; n < 20; n++) {
    const peer = await join(server, 'room', `p${n % 3}`);
    if (n % 2 === 0) peer.ws.close();
    else peer.ws.terminate();
    await peer.closed;
    expect(said([await watcher.next(), await watcher.next(), await watcher.next()])).toEqual([
      ['new-peer', `p${n % 3}`],
      ['peers', ['watcher', `p${n % 3}`]],
      ['peer-left', `p${n % 3}`],
    ]);
  }
  expect(await watcher.flush()).toEqual([]);
});

test('what a peer sent before it left arrives before its peer-left', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  await a.flush();
  for (let n = 0; n < 50; n++) b.send({ type: 'ice', to: 'a', data: n });
  b.ws.close();
  for (let n = 0; n < 50; n++) expect(await a.next()).toMatchObject({ type: 'ice', data: n });
  expect(await a.next()).toMatchObject({ type: 'peer-left', data: 'b' });
});

test('who has left can’t be sent to', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const b = await join(server, 'room', 'b');
  b.ws.close();
  await a.nextOf('peer-left');
  a.send({ type: 'offer', to: 'b', data: 1 });
  expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'peer-not-found' } });
});
