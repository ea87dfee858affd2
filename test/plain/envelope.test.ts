import { expect, test } from 'vitest';
import { build, join, type TestSocket } from '../helper.ts';

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

test.for(['offer', 'answer', 'ice'])(
  '%s goes to the peer it names, stamped with room and sender',
  async (type) => {
    const { a, b, c } = await three();
    a.send({ type, to: 'b', data: { sdp: 'v=0' } });
    expect(await b.next()).toEqual({ type, room: 'room', from: 'a', to: 'b', data: { sdp: 'v=0' } });
    expect(await a.flush()).toEqual([]);
    expect(await b.flush()).toEqual([]);
    expect(await c.flush()).toEqual([]);
  },
);

test('the server overwrites room and from with the sender’s true ones, of whatever kind they are', async () => {
  const { a, b } = await three();
  for (const lie of ['c', 'server', '', 7, null, { a: 1 }, ['b']]) {
    a.send({ room: lie, from: lie, type: 'offer', to: 'b', data: 1 });
    expect(await b.next()).toEqual({ type: 'offer', room: 'room', from: 'a', to: 'b', data: 1 });
    a.send({ type: 'chat', data: 2, from: lie, room: lie });
    expect(await b.next()).toMatchObject({ type: 'chat', room: 'room', from: 'a', data: 2 });
    expect(await a.next()).toMatchObject({ type: 'chat', room: 'room', from: 'a', data: 2 });
  }
});

test('unknown further fields of the envelope are dropped', async () => {
  const { a, b } = await three();
  const more = '"seq":9,"time":"now","peer":{},"session":1,"__proto__":{"data":2},"constructor":3,"":4';
  a.send(`{"type":"offer",${more},"to":"b","data":1}`);
  const text = await b.nextText();
  expect(JSON.parse(text)).toEqual({ type: 'offer', room: 'room', from: 'a', to: 'b', data: 1 });
  expect(text).not.toContain('__proto__');
  a.send(`{"type":"chat",${more},"data":1}`);
  expect(await b.next()).toEqual({
    type: 'chat',
    room: 'room',
    from: 'a',
    data: 1,
    seq: 1,
    time: expect.stringMatching(/^\d{4}-/),
  });
});

test('a field that stands only in __proto__ is not there', async () => {
  const { a } = await three();
  a.send('{"type":"chat","__proto__":{"data":1}}');
  expect(await a.next()).toMatchObject({ data: { code: 'invalid-message' } });
  a.send('{"__proto__":{"type":"ping"}}');
  expect(await a.next()).toMatchObject({ data: { code: 'invalid-message' } });
});

test('id is passed on, 1 to 128 characters of it', async () => {
  const { a, b } = await three();
  for (const id of ['1', 'session.1', 'x'.repeat(128), '🦊"\\\u0000', '__proto__', ' ']) {
    for (const type of ['offer', 'answer', 'ice']) {
      a.send({ type, to: 'b', id, data: 1 });
      expect(await b.next()).toEqual({ type, room: 'room', from: 'a', to: 'b', id, data: 1 });
    }
    a.send({ type: 'chat', id, data: 1 });
    expect(await b.next()).toMatchObject({ type: 'chat', id });
    expect(await a.next()).toMatchObject({ type: 'chat', id });
    a.send({ type: 'ping', id, data: 1 });
    expect(await a.next()).toMatchObject({ type: 'pong', id });
  }
});

test('no id comes where none was sent', async () => {
  const { a, b } = await three();
  a.send({ type: 'offer', to: 'b', data: 1 });
  expect(await b.next()).not.toHaveProperty('id');
  a.send({ type: 'offer', to: 'nobody', data: 1 });
  expect(await a.next()).not.toHaveProperty('id');
});

test('an empty to counts as none', async () => {
  const { a, b, c } = await three();
  a.send({ type: 'chat', to: '', data: 'all' });
  for (const peer of [a, b, c]) {
    const frame = await peer.next();
    expect(frame).toMatchObject({ type: 'chat', data: 'all', seq: 1 });
    expect(frame.to ?? '').toBe('');
  }
  a.send({ type: 'offer', to: '', data: 1 });
  expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
  a.send({ type: 'ping', to: '', data: 1 });
  expect(await a.next()).toMatchObject({ type: 'pong', data: 1 });
});

test('a message to oneself is delivered', async () => {
  const { a, b } = await three();
  for (const type of ['offer', 'answer', 'ice']) {
    a.send({ type, to: 'a', data: type });
    expect(await a.next()).toEqual({ type, room: 'room', from: 'a', to: 'a', data: type });
  }
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
});

test('a message never leaves its room', async () => {
  const server = await build();
  const a = await join(server, 'room-1', 'a');
  const b = await join(server, 'room-2', 'b');
  const namesake = await join(server, 'room-2', 'a');
  await b.flush();
  a.send({ type: 'offer', room: 'room-2', to: 'b', data: 1 });
  expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'peer-not-found' } });
  a.send({ type: 'offer', room: 'room-2', to: 'a', data: 1 });
  expect(await a.next()).toMatchObject({ type: 'offer', room: 'room-1', from: 'a' });
  a.send({ type: 'chat', room: 'room-2', data: 1 });
  expect(await a.next()).toMatchObject({ type: 'chat', room: 'room-1' });
  expect(await b.flush()).toEqual([]);
  expect(await namesake.flush()).toEqual([]);
});

test('what one peer sends to another arrives in the order of sending', async () => {
  const { a, b } = await three();
  const types = ['offer', 'ice', 'chat', 'answer', 'ice'];
  for (let n = 0; n < 300; n++) a.send({ type: types[n % types.length], to: 'b', data: n });
  for (let n = 0; n < 300; n++) expect(await b.next()).toMatchObject({ data: n });
});
