import { expect, test } from 'vitest';
import { build, join } from '../helper.ts';
import { joinV1 } from './v1.ts';

const texts = (messages: { data?: unknown }[]) => messages.map(({ data }) => data);

test('since brings the messages after it, complete; without since come the last CHAT_HISTORY', async () => {
  const server = await build({ CHAT_HISTORY: '3' });
  const a = await joinV1(server, 'r', 'a');
  for (const text of ['one', 'two', 'three', 'four']) a.send({ type: 'chat', data: text });
  await a.flush();
  const b = await joinV1(server, 'r', 'b');
  expect(texts(b.welcome.chat.messages)).toEqual(['two', 'three', 'four']);
  expect(b.welcome.chat.messages.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  expect(b.welcome.chat.complete).toBe(true);
  const c = await joinV1(server, 'r', 'c', { since: 2 });
  expect(texts(c.welcome.chat.messages)).toEqual(['three', 'four']);
  expect(c.welcome.chat.complete).toBe(true);
  const d = await joinV1(server, 'r', 'd', { since: 0 });
  expect(texts(d.welcome.chat.messages)).toEqual(['two', 'three', 'four']);
  expect(d.welcome.chat.complete).toBe(false);
});

test('chat to one peer is not kept in the history', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  a.send({ type: 'chat', to: 'a', data: 'psst' });
  await a.flush();
  expect((await joinV1(server, 'r', 'b')).welcome.chat.messages).toEqual([]);
});

test('a chat sent again with its id is not numbered twice; its echo comes again', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const plain = await join(server, 'r', 'plain');
  await a.flush();
  a.send({ type: 'chat', data: 'hello', id: 'a.1' });
  const echo = await a.next();
  expect(echo).toMatchObject({ seq: 1, id: 'a.1' });
  a.ws.terminate();
  const back = await joinV1(server, 'r', 'a', { seat: a.welcome.seat });
  back.send({ type: 'chat', data: 'hello', id: 'a.1' });
  expect(await back.next()).toEqual(echo);
  expect((await plain.flush()).map(({ seq }) => seq)).toEqual([1]);
});

test('an id is known of its own session alone: that of another, or of an earlier run, is numbered', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  a.send({ type: 'chat', data: 'from a', id: 'm1' });
  expect(await b.nextOf('chat')).toMatchObject({ from: 'a', seq: 1 });
  b.send({ type: 'chat', data: 'from b', id: 'm1' });
  expect(await b.nextOf('chat')).toMatchObject({ from: 'b', seq: 2 });
  b.ws.close(1000);
  await a.nextOf('peer-left');
  const again = await joinV1(server, 'r', 'b');
  again.send({ type: 'chat', data: 'from b again', id: 'm1' });
  expect(await again.nextOf('chat')).toMatchObject({ data: 'from b again', seq: 3 });
});

test('seq and the history go on after the room was empty', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  a.send({ type: 'chat', data: 1 });
  await a.flush();
  a.ws.close(1000);
  await a.closed;
  const b = await joinV1(server, 'r', 'b');
  expect(texts(b.welcome.chat.messages)).toEqual([1]);
  b.send({ type: 'chat', data: 2 });
  expect((await b.next()).seq).toBe(2);
});

test('CHAT_HISTORY_TTL_SECONDS after the last one the messages are gone', async () => {
  const server = await build({ CHAT_HISTORY_TTL_SECONDS: '0' });
  const a = await joinV1(server, 'r', 'a');
  a.send({ type: 'chat', data: 1 });
  const { time } = await a.next();
  while (Date.now() <= Date.parse(time!)) await a.flush();
  expect((await joinV1(server, 'r', 'b', { since: 0 })).welcome.chat).toEqual({
    messages: [],
    complete: false,
  });
});

test('numbers of another chat log count for nothing: what is kept comes whole, as not complete', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  for (const text of ['one', 'two']) a.send({ type: 'chat', data: text });
  await a.flush();
  const { chatLog } = a.welcome;
  const b = await joinV1(server, 'r', 'b', { since: 1, log: chatLog });
  expect(b.welcome.chatLog).toBe(chatLog);
  expect(texts(b.welcome.chat.messages)).toEqual(['two']);
  expect(b.welcome.chat.complete).toBe(true);
  const c = await joinV1(server, 'r', 'c', { since: 1, log: 'of a server before' });
  expect(texts(c.welcome.chat.messages)).toEqual(['one', 'two']);
  expect(c.welcome.chat.complete).toBe(false);
  expect((await joinV1(await build(), 'r', 'a')).welcome.chatLog).not.toBe(chatLog);
});
