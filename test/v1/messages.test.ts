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
