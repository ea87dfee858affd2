import { expect, test } from 'vitest';
import { build, socket } from './helper.ts';

test('the flow of the original README: peer A, peer B, offer, answer, ICE, both directions', async () => {
  const server = await build();

  // 1. Peer A connects.
  const a = socket(server, '/ws/room-1/peer-a');
  expect(await a.next()).toEqual({ type: 'peers', room: 'room-1', from: 'server', data: ['peer-a'] });

  // 2. Peer B connects: A hears of it, and gets the list of existing peers.
  const b = socket(server, '/ws/room-1/peer-b');
  expect(await a.next()).toEqual({ type: 'new-peer', room: 'room-1', from: 'server', data: 'peer-b' });
  const both = { type: 'peers', room: 'room-1', from: 'server', data: ['peer-a', 'peer-b'] };
  expect(await a.next()).toEqual(both);
  expect(await b.next()).toEqual(both);

  // 3. to 5. Offer, answer, and candidates, without a room, as the README prints them.
  const offer = { type: 'offer', from: 'peer-a', to: 'peer-b', data: { sdp: '...' } };
  const answer = { type: 'answer', from: 'peer-b', to: 'peer-a', data: { sdp: '...' } };
  const fromA = { type: 'ice', from: 'peer-a', to: 'peer-b', data: { candidate: '...' } };
  const fromB = { type: 'ice', from: 'peer-b', to: 'peer-a', data: { candidate: '...' } };
  a.send(offer);
  expect(await b.next()).toEqual({ ...offer, room: 'room-1' });
  b.send(answer);
  expect(await a.next()).toEqual({ ...answer, room: 'room-1' });
  a.send(fromA);
  expect(await b.next()).toEqual({ ...fromA, room: 'room-1' });
  b.send(fromB);
  expect(await a.next()).toEqual({ ...fromB, room: 'room-1' });

  // 6. Nothing else is said, until somebody leaves.
  expect(await a.flush()).toEqual([]);
  expect(await b.flush()).toEqual([]);
  b.ws.close();
  expect(await a.next()).toEqual({ type: 'peer-left', room: 'room-1', from: 'server', data: 'peer-b' });
});

test('the two terminals of the original README, typed by hand', async () => {
  const server = await build();
  const terminal1 = socket(server, '/ws/test-room/peer-1');
  await terminal1.next();
  const terminal2 = socket(server, '/ws/test-room/peer-2');
  await terminal2.next();
  terminal1.send('{"type":"offer","from":"peer-1","to":"peer-2","data":{"sdp":"..."}}');
  expect(await terminal2.next()).toMatchObject(
    JSON.parse('{"type":"offer","from":"peer-1","to":"peer-2","data":{"sdp":"..."}}'),
  );
});

test('the health check of the original README', async () => {
  const { url } = await build();
  const response = await fetch(`${url}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: 'ok',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  });
});
