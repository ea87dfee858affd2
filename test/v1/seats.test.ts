import { createHmac } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { hmacKey } from '../../src/auth/room-tokens.ts';
import { INSECURE_SECRET } from '../../src/config.ts';
import { build, join, socket, until } from '../helper.ts';
import { joinV1 } from './v1.ts';

/** What a seat says, and the key that it is signed with. */
async function openSeat(seat: string, secret: string) {
  const key = await hmacKey(createHmac('sha256', secret).update('record-meet seat').digest('base64'));
  return { key, ...(await jwtVerify(seat, key)) };
}

test('the first peers to a v1 client carries its session, seat, roster, ICE servers, chat and limits', async () => {
  const server = await build({ GRACE_SECONDS: '7', MAX_MESSAGE_BYTES: '5000' });
  await join(server, 'r', 'old');
  const a = await joinV1(server, 'r', 'a');
  expect(a.ws.protocol).toBe('record-meet.v1');
  expect(a.data).toEqual(['old', 'a']);
  expect(a.welcome).toMatchObject({
    resumed: false,
    graceSeconds: 7,
    heartbeatSeconds: 25,
    iceServers: [{ urls: ['stun:stun.l.google.com:19302'] }],
    iceServersExpireAt: null,
    chat: { messages: [], complete: true },
    limits: { messageBytes: 5000 },
  });
  expect(a.welcome.peers).toEqual([
    { id: 'old', session: expect.any(String), dialect: 'plain', status: 'here', state: {} },
    { id: 'a', session: a.welcome.id, dialect: 'v1', status: 'here', state: {} },
  ]);
});

test('new-peer to v1 peers carries the entry of the roster, and no peers follows it', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  const peer = { id: 'b', session: b.welcome.id, dialect: 'v1', status: 'here', state: {} };
  expect(await a.flush()).toEqual([{ type: 'new-peer', room: 'r', from: 'server', data: 'b', peer }]);
});

test('plain peers have a session too, a new one for each connection', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const sessions = new Set<string>();
  for (let n = 0; n < 3; n++) {
    const plain = await join(server, 'r', 'plain');
    const { peer } = (await a.nextOf('new-peer')) as { peer?: { session: string; dialect: string } };
    expect(peer).toMatchObject({ session: expect.stringMatching(/./), dialect: 'plain' });
    sessions.add(peer!.session);
    plain.ws.close();
    await a.nextOf('peer-left');
  }
  expect(sessions.size).toBe(3);
});

test('to plain peers a v1 peer is one like any other', async () => {
  const server = await build();
  const plain = await join(server, 'r', 'plain');
  const v1 = await joinV1(server, 'r', 'v1');
  v1.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  await joinV1(server, 'r', 'v1', { seat: v1.welcome.seat });
  expect(await plain.flush()).toEqual([
    { type: 'new-peer', room: 'r', from: 'server', data: 'v1' },
    { type: 'peers', room: 'r', from: 'server', data: ['plain', 'v1'] },
  ]);
});

test('a lost connection is peer-away, its return with the seat peer-back: the same session, resumed', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  expect(await a.next()).toEqual({ type: 'peer-away', room: 'r', from: 'server', data: 'b' });
  a.send({ type: 'offer', to: 'b', data: 1, id: 'x' });
  expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'peer-away' }, id: 'x' });
  expect((await join(server, 'r', 'c').then((c) => c.flush())).length).toBe(0);
  const { roomCount, totalPeers, away } = (await (await fetch(`${server.url}/stats`)).json()) as Record<
    string,
    number
  >;
  expect({ roomCount, totalPeers, away }).toEqual({ roomCount: 1, totalPeers: 3, away: 1 });
  const back = await joinV1(server, 'r', 'b', { seat: b.welcome.seat });
  expect(back.welcome).toMatchObject({ id: b.welcome.id, resumed: true });
  expect(back.data).toEqual(['a', 'b', 'c']);
  expect(await a.nextOf('peer-back')).toMatchObject({ data: 'b' });
  expect(await a.flush()).toEqual([]);
});

test('after its grace a peer that did not return is peer-left, once', async () => {
  const server = await build({ GRACE_SECONDS: '0.2' });
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  expect((await a.next()).type).toBe('peer-away');
  expect(await a.next()).toEqual({ type: 'peer-left', room: 'r', from: 'server', data: 'b' });
  const back = await joinV1(server, 'r', 'b', { seat: b.welcome.seat });
  expect(back.welcome).toMatchObject({ id: b.welcome.id, resumed: false });
  expect((await a.flush()).map(({ type }) => type)).toEqual(['new-peer']);
});

test.each([1000, 1001, undefined])('a close by the client with %s is a leave', async (code) => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.close(code);
  expect((await a.next()).type).toBe('peer-left');
});

test('a return while the old socket still seems alive moves the place: 4510, and the others see nothing', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  const back = await joinV1(server, 'r', 'b', { seat: b.welcome.seat });
  expect(await b.closed).toEqual({ code: 4510, reason: 'replaced' });
  expect(back.welcome.resumed).toBe(true);
  a.send({ type: 'offer', to: 'b', data: 1 });
  expect((await back.next()).type).toBe('offer');
  expect(await a.flush()).toEqual([]);
});

test('a stranger takes the place of one who is away; the owner gets it back with its seat', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const b = await joinV1(server, 'r', 'b');
  await a.flush();
  b.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  const stranger = await joinV1(server, 'r', 'b');
  expect(stranger.welcome.id).not.toBe(b.welcome.id);
  expect((await a.flush()).map(({ type }) => type)).toEqual(['peer-away', 'peer-left', 'new-peer']);
  const owner = await joinV1(server, 'r', 'b', { seat: b.welcome.seat });
  expect((await stranger.closed).code).toBe(4510);
  expect(owner.welcome).toMatchObject({ id: b.welcome.id, resumed: false });
  expect((await a.flush()).map(({ type }) => type)).toEqual(['peer-left', 'new-peer']);
});

test('a seat that is forged, or of another room or peer, is ignored', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  for (const seat of ['x', `${a.welcome.seat}x`]) {
    const refused = socket(server, '/ws/r/a', {}, ['record-meet.v1', `seat.${seat}`]);
    expect((await refused.closed).code).toBe(4509);
  }
  const other = await joinV1(server, 'r', 'b', { seat: a.welcome.seat });
  expect(other.welcome.id).not.toBe(a.welcome.id);
  const elsewhere = await joinV1(server, 'r2', 'a', { seat: a.welcome.seat });
  expect(elsewhere.welcome.id).not.toBe(a.welcome.id);
});

test('a seat that has expired is ignored: like a newcomer, its bearer can not push out who sits there', async () => {
  const server = await build();
  const a = await joinV1(server, 'r', 'a');
  const { payload, key } = await openSeat(a.welcome.seat, INSECURE_SECRET);
  const resigned = (exp: number) =>
    new SignJWT({ ...payload, exp }).setProtectedHeader({ alg: 'HS256' }).sign(key);
  const now = Math.floor(Date.now() / 1000);
  const expired = await resigned(now - 1);
  const refused = socket(server, '/ws/r/a', {}, ['record-meet.v1', `seat.${expired}`]);
  expect((await refused.closed).code).toBe(4509);
  a.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  const late = await joinV1(server, 'r', 'a', { seat: expired });
  expect(late.welcome).toMatchObject({ resumed: false });
  expect(late.welcome.id).not.toBe(a.welcome.id);
  // The same one but for its time is good.
  const owner = await joinV1(server, 'r', 'a', { seat: await resigned(now + 60) });
  expect(owner.welcome.id).toBe(a.welcome.id);
  expect((await late.closed).code).toBe(4510);
});

test('after a restart the seat brings the session id back: a join like any other', async () => {
  const first = await build();
  const a = await joinV1(first, 'r', 'a');
  const second = await build();
  const back = await joinV1(second, 'r', 'a', { seat: a.welcome.seat });
  expect(back.welcome).toMatchObject({ id: a.welcome.id, resumed: false });
});

test('a seat does not stand in for a token, nor a seat pass as one', async () => {
  const server = await build({ AUTH: 'required' });
  const lax = await build();
  const { seat } = (await joinV1(lax, 'r', 'a')).welcome;
  const shown = socket(server, '/ws/r/a', {}, ['record-meet.v1', `seat.${seat}`]);
  expect((await shown.closed).code).toBe(4501);
  const passed = socket(server, '/ws/r/a', {}, ['record-meet.v1', `token.${seat}`]);
  expect((await passed.closed).code).toBe(4501);
});
