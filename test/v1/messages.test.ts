import { expect, test } from 'vitest';
import { build, join } from '../helper.ts';
import { joinV1 } from './v1.ts';

test('state replaces the public state and goes to the other v1 peers; who comes later sees it', async () => {
  const server = await build();
  const plain = await join(server, 'r', 'plain');
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  await plain.flush();
  a.send({ type: 'state', data: { name: 'Ada' } });
  expect(await b.next()).toEqual({ type: 'state', room: 'r', from: 'a', data: { name: 'Ada' } });
  expect(await a.flush()).toEqual([]);
  expect(await plain.flush()).toEqual([]);
  const c = await joinV1(server, 'r', 'c');
  expect(c.welcome.peers.find(({ id }) => id === 'a')!.state).toEqual({ name: 'Ada' });
});

test('state wants an object of at most 2 KiB', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  for (const data of [[], 'x', null, { x: 'x'.repeat(2048) }]) {
    a.send({ type: 'state', data, id: 'i' });
    expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' }, id: 'i' });
  }
});

test.each([
  { type: 'state' },
  { type: 'ack', to: 'a' },
  { type: 'ack', id: 'i' },
  { type: 'report', to: 'a' },
  { type: 'report', data: { event: 'failed' } },
])('%j lacks something that it needs', async (message) => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  a.send(message);
  expect((await a.flush()).map(({ data }) => data)).toMatchObject([{ code: 'invalid-message' }]);
});

test('state is measured in bytes: 2048 pass, one more does not; the newest replaces the one before', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  const sized = (text: string) => `{"type":"state","data":{"x":"${text}"}}`;
  const most = 2048 - '{"x":""}'.length;
  a.send({ type: 'state', data: { name: 'Ada' } });
  a.send(sized('é'.repeat(most / 2)));
  expect((await b.next()).data).toEqual({ name: 'Ada' });
  expect((await b.next()).data).toEqual({ x: 'é'.repeat(most / 2) });
  a.send(sized(`${'é'.repeat(most / 2)}x`));
  expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
  expect(await b.flush()).toEqual([]);
  const { peers } = (await joinV1(server, 'r', 'c')).welcome;
  expect(Object.keys(peers[0]!.state as object)).toEqual(['x']);
});

test('states that come one upon the other reach the others once each, in order', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  for (const n of numbers) a.send({ type: 'state', data: { n } });
  a.send({ type: 'offer', to: 'b', data: 'after them' });
  for (const n of numbers) expect(await b.next()).toMatchObject({ type: 'state', data: { n } });
  expect((await b.next()).type).toBe('offer');
  // What newcomers get is the last one, and nothing comes behind it.
  const c = await joinV1(server, 'r', 'c');
  expect(c.welcome.peers[0]!.state).toEqual({ n: 49 });
  expect((await b.flush()).map(({ type }) => type)).toEqual(['new-peer']);
});

test('ack is relayed to a v1 peer and dropped in silence where it cannot be', async () => {
  const server = await build();
  const plain = await join(server, 'r', 'plain');
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  await plain.flush();
  a.send({ type: 'ack', to: 'b', id: 's.1' });
  expect(await b.next()).toEqual({ type: 'ack', room: 'r', from: 'a', to: 'b', id: 's.1' });
  a.send({ type: 'ack', to: 'plain', id: 's.1' });
  a.send({ type: 'ack', to: 'nobody', id: 's.1' });
  expect(await a.flush()).toEqual([]);
  expect(await plain.flush()).toEqual([]);
  a.send({ type: 'ack', to: 'b' });
  expect((await a.next()).data).toMatchObject({ code: 'invalid-message' });
});

test('report is taken and never relayed', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  a.send({ type: 'report', to: 'b', data: { event: 'connected', ms: 5 } });
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
});

test.each(['state', 'ack', 'report'])('from a plain peer %s is unknown-type', async (type) => {
  const server = await build();
  const plain = await join(server, 'r', 'plain');
  plain.send({ type, to: 'plain', data: {}, id: 'i' });
  expect(await plain.next()).toMatchObject({ type: 'error', data: { code: 'unknown-type' }, id: 'i' });
});

test('a v1 peer and a plain peer in one room can call each other', async () => {
  const server = await build();
  const plain = await join(server, 'r', 'plain');
  const v1 = await joinV1(server, 'r', 'v1');
  await plain.flush();
  plain.send({ type: 'offer', to: 'v1', data: { sdp: 'o' } });
  expect(await v1.next()).toMatchObject({ type: 'offer', from: 'plain', data: { sdp: 'o' } });
  v1.send({ type: 'answer', to: 'plain', data: { sdp: 'a' }, id: 's.1' });
  expect(await plain.next()).toMatchObject({ type: 'answer', from: 'v1', data: { sdp: 'a' }, id: 's.1' });
});
