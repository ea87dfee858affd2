import { expect, test } from 'vitest';
import { build, join, socket } from './helper.ts';

test('two peers of a room: roster, new-peer, relay, peer-left', async () => {
  const server = await build();
  const a = socket(server, '/ws/room-1/peer-a');
  expect(await a.next()).toEqual({ type: 'peers', room: 'room-1', from: 'server', data: ['peer-a'] });
  const b = await join(server, 'room-1', 'peer-b');
  expect(await a.next()).toEqual({ type: 'new-peer', room: 'room-1', from: 'server', data: 'peer-b' });
  expect(await a.next()).toEqual({
    type: 'peers',
    room: 'room-1',
    from: 'server',
    data: ['peer-a', 'peer-b'],
  });
  a.send({ type: 'offer', room: 'x', from: 'y', to: 'peer-b', data: { sdp: '…' } });
  expect(await b.next()).toEqual({
    type: 'offer',
    room: 'room-1',
    from: 'peer-a',
    to: 'peer-b',
    data: { sdp: '…' },
  });
  expect(await a.flush()).toEqual([]);
  b.ws.close();
  expect(await a.next()).toEqual({ type: 'peer-left', room: 'room-1', from: 'server', data: 'peer-b' });
});
