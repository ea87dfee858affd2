import { expect, test } from 'vitest';
import { drain } from '../../src/rooms/drain.ts';
import { build, join } from '../helper.ts';
import { joinV1 } from './v1.ts';

test('a drain tells v1 clients to go away, and their end is announced to nobody', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  const done = drain(server.app.rooms, 3);
  expect(await a.next()).toEqual({
    type: 'go-away',
    room: 'r',
    from: 'server',
    data: { reason: 'drain', withinMs: 3000 },
  });
  b.ws.terminate();
  await b.closed;
  expect(await a.flush()).toEqual([]);
  await done;
  expect(await a.closed).toEqual({ code: 1012, reason: 'restart' });
});

test('a drain closes plain sockets, and the v1 peers are told that those left', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const plain = await join(server, 'r', 'plain');
  await a.flush();
  void drain(server.app.rooms, 3);
  expect((await plain.closed).code).toBe(1012);
  expect((await a.nextOf('peer-left')).data).toBe('plain');
});
