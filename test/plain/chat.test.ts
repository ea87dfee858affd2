import { expect, test } from 'vitest';
import { build, join, type TestSocket } from '../helper.ts';

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function three(): Promise<{ a: TestSocket; b: TestSocket; c: TestSocket }> {
  const server = await build();
  const [a, b, c] = [
    await join(server, 'room', 'a'),
    await join(server, 'room', 'b'),
    await join(server, 'room', 'c'),
  ];
  await a.flush();
  await b.flush();
  return { a, b, c };
}

test('chat goes to every peer of the room, the sender included, with seq and time', async () => {
  const { a, b, c } = await three();
  const before = Date.now();
  a.send({ type: 'chat', id: 'x', data: { text: 'hello' } });
  const frames = [await a.next(), await b.next(), await c.next()];
  for (const frame of frames) {
    expect(frame).toEqual({
      type: 'chat',
      room: 'room',
      from: 'a',
      data: { text: 'hello' },
      id: 'x',
      seq: 1,
      time: expect.stringMatching(ISO_8601),
    });
    expect(Date.parse(frame.time!)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(frame.time!)).toBeLessThanOrEqual(Date.now());
  }
  // One message has one time.
  expect(new Set(frames.map(({ time }) => time)).size).toBe(1);
  for (const peer of [a, b, c]) expect(await peer.flush()).toEqual([]);
});

test('chat alone in a room is echoed', async () => {
  const a = await join(await build(), 'room', 'a');
  a.send({ type: 'chat', data: 'anybody?' });
  expect(await a.next()).toMatchObject({ type: 'chat', data: 'anybody?', seq: 1 });
});

test('seq counts from 1 without gaps, and all see the same order', async () => {
  const { a, b, c } = await three();
  const peers = [a, b, c];
  for (let n = 0; n < 40; n++) for (const peer of peers) peer.send({ type: 'chat', data: n });
  const views: string[][] = [];
  for (const peer of peers) {
    const view: string[] = [];
    for (let seq = 1; seq <= 120; seq++) {
      const frame = await peer.next();
      expect(frame).toMatchObject({ type: 'chat', seq });
      view.push(`${frame.from} ${frame.data}`);
    }
    views.push(view);
  }
  expect(views[1]).toEqual(views[0]);
  expect(views[2]).toEqual(views[0]);
});

test('each room counts for itself, and goes on counting for a newcomer', async () => {
  const server = await build();
  const a = await join(server, 'one', 'a');
  const b = await join(server, 'two', 'b');
  for (const seq of [1, 2]) {
    a.send({ type: 'chat', data: 1 });
    expect(await a.next()).toMatchObject({ type: 'chat', seq });
  }
  b.send({ type: 'chat', data: 1 });
  expect(await b.next()).toMatchObject({ type: 'chat', seq: 1 });
  const late = await join(server, 'one', 'late');
  late.send({ type: 'chat', data: 1 });
  expect(await late.next()).toMatchObject({ type: 'chat', seq: 3 });
});

test('chat with to goes to that peer and the sender only, with time but no seq', async () => {
  const { a, b, c } = await three();
  a.send({ type: 'chat', to: 'b', id: 'p', data: 'psst' });
  const expected = {
    type: 'chat',
    room: 'room',
    from: 'a',
    to: 'b',
    id: 'p',
    data: 'psst',
    time: expect.stringMatching(ISO_8601),
  };
  expect(await a.next()).toEqual(expected);
  expect(await b.next()).toEqual(expected);
  expect(await c.flush()).toEqual([]);
  // It takes no number from the room's.
  c.send({ type: 'chat', data: 'all' });
  for (const peer of [a, b, c]) expect(await peer.next()).toMatchObject({ data: 'all', seq: 1 });
});

test('chat to oneself comes once', async () => {
  const { a, b } = await three();
  a.send({ type: 'chat', to: 'a', data: 'note' });
  expect(await a.next()).toMatchObject({ type: 'chat', from: 'a', to: 'a', data: 'note' });
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
});

test('chat to nobody is answered with peer-not-found and has no echo', async () => {
  const { a, b } = await three();
  a.send({ type: 'chat', to: 'nobody', id: 'p', data: 'psst' });
  expect(await a.next()).toMatchObject({ type: 'error', id: 'p', data: { code: 'peer-not-found' } });
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
});

test('seq and time are the server’s, whatever the client writes there', async () => {
  const { a } = await three();
  a.send({ type: 'chat', data: 1, seq: 77, time: 'yesterday' });
  expect(await a.next()).toMatchObject({ seq: 1, time: expect.stringMatching(ISO_8601) });
});
