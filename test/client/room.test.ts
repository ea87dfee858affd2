import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { joinRoom, type Room, type RoomError } from '../../client/src/index.ts';
import { createRoomToken } from '../../client/src/server.ts';
import { buildApp } from '../../src/app.ts';
import { build, join, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { relay } from '../relay.ts';

type Options = Partial<Parameters<typeof joinRoom>[0]>;

/** Joins as a library client, and notes what it hears. */
async function enter(port: number, peerId: string, options: Options = {}) {
  const room = joinRoom({ url: `ws://127.0.0.1:${port}`, room: 'r', peerId, ...options });
  onTestFinished(() => room.leave());
  const heard: string[] = [];
  const signals: unknown[] = [];
  const chats: unknown[] = [];
  for (const event of ['peer-left', 'peer-away', 'peer-back'] as const) {
    room.on(event, ({ id }) => heard.push(`${event} ${id}`));
  }
  room.on('peer-joined', ({ peer, offer }) => heard.push(`${offer ? 'offer to' : 'wait for'} ${peer.id}`));
  room.on('signal', ({ data }) => signals.push((data as { n: number }).n));
  room.on('chat', ({ data }) => chats.push(data));
  await room.joined;
  return { room, heard, signals, chats };
}

test('two clients meet: who was there makes the offer, signals arrive in order with their receipts', async () => {
  const { port } = await build();
  const a = await enter(port, 'a');
  const b = await enter(port, 'b');
  await until(() => a.heard.length > 0);
  expect(a.heard).toEqual(['offer to b']);
  expect(b.heard).toEqual(['wait for a']);
  await Promise.all([1, 2, 3].map((n) => a.room.send('b', 'ice', { n })));
  expect(b.signals).toEqual([1, 2, 3]);
});

test('a plain peer and a library client signal each other', async () => {
  const server = await build();
  const a = await enter(server.port, 'a');
  const plain = await join(server, 'r', 'plain');
  await until(() => a.room.peers.length === 1);
  await a.room.send('plain', 'offer', { n: 1 });
  expect(await plain.next()).toMatchObject({ type: 'offer', from: 'a', data: { n: 1 } });
  plain.send({ type: 'answer', to: 'a', data: { n: 2 } });
  await until(() => a.signals.length === 1);
  expect(a.signals).toEqual([2]);
});

test('over cut connections every signal and every chat arrives once, in order', async () => {
  const { port } = await build({ CHAT_HISTORY: '100' });
  const proxy = await relay(() => port);
  const a = await enter(proxy.port, 'a');
  const b = await enter(proxy.port, 'b');
  await until(() => a.room.peers.length === 1);
  const sent: Promise<unknown>[] = [];
  for (let n = 1; n <= 60; n++) {
    sent.push(a.room.send('b', 'ice', { n }), b.room.send('a', 'ice', { n }), a.room.chat(n));
    if (n % 20 === 0) {
      proxy.cut();
      await until(() => a.room.status === 'connected' && b.room.status === 'connected');
    }
  }
  await Promise.all(sent);
  const all = Array.from({ length: 60 }, (_, n) => n + 1);
  expect(b.signals).toEqual(all);
  expect(a.signals).toEqual(all);
  await until(() => b.chats.length === 60);
  expect(b.chats).toEqual(all);
  expect([...a.heard, ...b.heard].filter((line) => line.startsWith('peer-left'))).toEqual([]);
});

test('what is too long or no JSON is refused at once and harms nothing, before a reconnect and after it', async () => {
  const { port } = await build({ MAX_MESSAGE_BYTES: '1000' });
  const proxy = await relay(() => port);
  const a = await enter(proxy.port, 'a');
  const b = await enter(port, 'b');
  await until(() => a.room.peers.length === 1);
  const errors: string[] = [];
  a.room.on('error', ({ code, message }) => errors.push(`${code} ${message}`));
  const refused = { name: 'RoomError', code: 'rejected', detail: undefined };
  for (const data of ['ä'.repeat(500), 1n]) await expect(a.room.chat(data)).rejects.toMatchObject(refused);
  a.room.setState({ name: 'x'.repeat(1000) });
  expect(errors).toEqual(['rejected It is too long.']);
  const sent = a.room.send('b', 'offer', { sdp: 'x'.repeat(1000) });
  expect(errors).toHaveLength(2);
  a.room.setState({});

  const lost = new Promise<void>((resolve) => a.room.on('status', () => resolve()));
  proxy.cut();
  await lost;
  const chats = ['ä'.repeat(500), 1n].map((data) => expect(a.room.chat(data)).rejects.toMatchObject(refused));
  expect(await a.room.chat('short')).toMatchObject({ data: 'short', seq: 1 });
  await Promise.all(chats);
  expect(a.room.status).toBe('connected');
  await until(() => b.chats.length === 1);
  expect(b.heard.filter((line) => line.startsWith('peer-away'))).toHaveLength(1);
  b.room.leave();
  await expect(sent).rejects.toMatchObject({ code: 'peer-left' });
});

test('chat goes on over a restart, after which its numbers begin anew', async () => {
  const first = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent' });
  const port = await freePort();
  await first.listen({ port, host: '127.0.0.1' });
  const a = await enter(port, 'a');
  for (const n of [1, 2, 3]) await a.room.chat(n);
  await first.close();
  const second = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent' });
  onTestFinished(() => second.close());
  await second.listen({ port, host: '127.0.0.1' });
  const b = await enter(port, 'b');
  for (const n of [4, 5, 6, 7]) await b.room.chat(n);
  await until(() => a.chats.length === 7);
  await a.room.chat(8);
  expect(a.chats).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await until(() => b.chats.length === 5);
});

test('over a restart of the server the sessions are kept, and nobody is seen to leave', async () => {
  const first = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent' });
  await first.listen({ port: 0, host: '127.0.0.1' });
  let port = (first.server.address() as AddressInfo).port;
  const proxy = await relay(() => port);
  const a = await enter(proxy.port, 'a');
  const b = await enter(proxy.port, 'b');
  await until(() => a.room.peers.length === 1);
  const sessions = [a.room.session, b.room.session];
  proxy.cut();
  await first.close();
  port = (await build()).port;
  const sent = a.room.send('b', 'ice', { n: 1 });
  await sent;
  expect(b.signals).toEqual([1]);
  expect([a.room.session, b.room.session]).toEqual(sessions);
  expect([...a.heard, ...b.heard].filter((line) => line.startsWith('peer-left'))).toEqual([]);
});

test('a refused token is asked for again, once; then the room is closed with an error that says so', async () => {
  const JWT_SECRET = 'a-secret-of-the-tests-that-is-long-enough';
  const { port } = await build({ AUTH: 'required', JWT_SECRET });
  let asked = 0;
  const getToken = () => (asked++ === 0 ? 'old' : createRoomToken({ room: 'r', peerId: 'a' }, JWT_SECRET));
  await enter(port, 'a', { getToken });
  expect(asked).toBe(2);
  const refused: Room = joinRoom({ url: `ws://127.0.0.1:${port}`, room: 'r', peerId: 'b', token: 'bad' });
  const error: RoomError = await refused.joined.then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  expect(error).toMatchObject({ name: 'RoomError', code: 'unauthorized', detail: 4501 });
  expect(refused.status).toBe('closed');
});

test('leave ends it once and for all, and so does an AbortSignal', async () => {
  const { port } = await build();
  const abort = new AbortController();
  const a = await enter(port, 'a');
  const b = await enter(port, 'b', { signal: abort.signal });
  let closed = 0;
  b.room.on('closed', () => closed++);
  abort.abort();
  b.room.leave();
  await until(() => a.heard.includes('peer-left b'));
  expect(closed).toBe(1);
  await expect(b.room.chat('too late')).rejects.toMatchObject({ code: 'aborted' });
  await expect(a.room.send('b', 'ice', {})).rejects.toMatchObject({ code: 'peer-left' });
});
