import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { backoff } from '../../client/src/backoff.ts';
import type { RoomError } from '../../client/src/index.ts';
import { enter } from './fake-socket.ts';

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: RoomError) => error,
  );

test('the wait before a reconnect is anything from 0.5 s to a range that doubles up to 20 s', () => {
  fc.assert(
    fc.property(
      fc.nat(2000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const wait = backoff(attempt, random);
        expect(wait).toBeGreaterThanOrEqual(500);
        expect(wait).toBeLessThanOrEqual(Math.min(20_000, 500 * 2 ** (attempt + 1)));
      },
    ),
  );
  expect([0, 1, 2, 3, 4, 5, 99].map((attempt) => backoff(attempt, 0))).toEqual(Array(7).fill(500));
  const longest = [0, 1, 2, 3, 4, 5, 99].map((attempt) => Math.round(backoff(attempt, 1 - 1e-9)));
  expect(longest).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test('while the server is away it is tried again after longer and longer, and from the start once it was back', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1 - 1e-9);
  const { sockets, nextSocket, pass, heard } = enter();
  await pass();
  sockets[0]!.welcome();
  const waits: number[] = [];
  for (let n = 0; n < 7; n++) {
    sockets.at(-1)!.end(1006);
    waits.push(await nextSocket());
  }
  expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([1, 2, 4, 8, 16, 20, 20]);
  sockets.at(-1)!.welcome();
  sockets.at(-1)!.end(1006);
  expect(Math.round((await nextSocket()) / 1000)).toBe(1);
  expect(heard).toEqual(['connected', 'reconnecting', 'connected', 'reconnecting']);
});

test('it is tried at once when the network is back, or somebody turns to the tab or away from it', async () => {
  const { sockets, window, document, pass } = enter();
  await pass();
  sockets[0]!.welcome();
  sockets[0]!.end(1006);
  document.visibilityState = 'hidden';
  window.dispatchEvent(new Event('online'));
  await pass();
  expect(sockets).toHaveLength(2);
  sockets[1]!.end(1006);
  document.dispatchEvent(new Event('visibilitychange'));
  await pass();
  expect(sockets).toHaveLength(3);
});

test('a signal without a receipt has the connection tried, long before the heartbeat', async () => {
  const { room, sockets, pass } = enter();
  await pass();
  const peer = { id: 'b', session: 'theirs', dialect: 'v1', status: 'here', state: {} };
  sockets[0]!.welcome({ peers: [peer] });
  room.send('b', 'offer', { sdp: '' }).catch(() => {});
  await pass(2_000);
  expect(sockets[0]!.sent.map(({ type }) => type)).toEqual(['offer', 'offer', 'ping']);
  await pass(11_000);
  expect(sockets.length).toBe(2);
});

test('what a server that is back says of a peer that it knows is told: its status and its state', async () => {
  const { room, sockets, pass, nextSocket } = enter();
  await pass();
  const peer = { id: 'b', session: 'theirs', dialect: 'v1', status: 'away', state: { mic: true } };
  sockets[0]!.welcome({ peers: [peer] });
  const told: unknown[] = [];
  room.on('peer-state', ({ state }) => told.push(state));
  room.on('peer-back', ({ status }) => told.push(status));
  sockets[0]!.end(1006);
  await nextSocket();
  sockets[1]!.welcome({ resumed: true, peers: [{ ...peer, status: 'here', state: { mic: false } }] });
  expect(told).toEqual([{ mic: false }, 'here']);
});

test('a chat over the rate is sent again after a second; one that can not be brought to all is refused', async () => {
  const { room, sockets, pass } = enter();
  await pass();
  const [socket] = sockets as [(typeof sockets)[0]];
  socket.welcome();
  const sent = room.chat('hello');
  const { id } = socket.sent.at(-1)!;
  const refuse = (code: string) =>
    socket.say({ type: 'error', from: 'server', data: { code, message: '' }, id });
  refuse('rate-limited');
  await pass(750);
  expect(socket.sent).toHaveLength(1);
  await pass(500);
  expect(socket.sent.slice(1)).toEqual([{ type: 'chat', data: 'hello', id }]);
  // It would come behind what was said meanwhile.
  refuse('peer-away');
  expect(await rejection(sent)).toMatchObject({ code: 'rejected', detail: 'peer-away' });
});

test('a socket that died with the network is given up 10 s after the network is back', async () => {
  const { sockets, window, pass, nextSocket } = enter();
  await pass();
  sockets[0]!.welcome();
  await pass(1000);
  window.dispatchEvent(new Event('online'));
  expect(sockets[0]!.sent).toEqual([{ type: 'ping' }]);
  window.dispatchEvent(new Event('online'));
  expect(sockets[0]!.sent).toHaveLength(1);
  vi.spyOn(Math, 'random').mockReturnValue(0);
  expect(await nextSocket()).toBeLessThanOrEqual(10_000 + 500 + 500);
});

test('each close from 4500 on ends the room, with an error that says which', async () => {
  const codes: Record<number, string> = {
    4500: 'invalid-id',
    4501: 'unauthorized',
    4503: 'forbidden',
    4509: 'peer-id-in-use',
    4510: 'replaced',
    4511: 'removed',
    4599: 'refused',
    4999: 'refused',
  };
  for (const [detail, code] of Object.entries(codes)) {
    for (const welcomed of [false, true]) {
      const { room, sockets, pass } = enter();
      const closed = new Promise((resolve) => room.on('closed', resolve));
      await pass();
      if (welcomed) sockets[0]!.welcome();
      sockets[0]!.end(Number(detail));
      expect(await closed).toMatchObject({ name: 'RoomError', code, detail: Number(detail) });
      expect(room.status).toBe('closed');
      if (!welcomed) expect(await rejection(room.joined)).toMatchObject({ code });
      expect(await rejection(room.chat('hello'))).toMatchObject({ code: 'aborted' });
      await pass(60_000);
      expect(sockets).toHaveLength(1);
    }
  }
});

test('after any other close it comes back, with its seat', async () => {
  for (const code of [1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 4400, 4401, 4402, 4499]) {
    const { room, sockets, pass, nextSocket } = enter();
    await pass();
    expect(sockets[0]!.protocols).toEqual(['record-meet.v1']);
    sockets[0]!.welcome();
    sockets[0]!.end(code);
    expect(room.status).toBe('reconnecting');
    await nextSocket();
    expect(sockets[1]!.protocols).toEqual(['record-meet.v1', 'seat.the-seat']);
    sockets[1]!.welcome({ resumed: true });
    expect(room.status).toBe('connected');
  }
});

test('a server that falls silent is given up within the heartbeat and 10 s; one that answers is not', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const { room, sockets, pass } = enter();
  await pass();
  sockets[0]!.welcome({ heartbeatSeconds: 7 });
  for (let n = 1; n <= 5; n++) {
    while (sockets[0]!.sent.length < n) await pass(250);
    expect(sockets[0]!.sent.at(-1)).toEqual({ type: 'ping' });
    await pass(9_000);
    sockets[0]!.say({ type: 'pong', from: 'server' });
  }
  const silentSince = Date.now();
  while (room.status === 'connected') await pass(250);
  expect(Date.now() - silentSince).toBeLessThanOrEqual(7_000 + 10_000 + 500);
  expect(sockets[0]!.closedWith).toBeDefined();
  expect(sockets).toHaveLength(1);
  // Nor is a server waited for longer that takes the socket and says nothing.
  await pass(500);
  expect(sockets).toHaveLength(2);
  await pass(10_500);
  expect(sockets).toHaveLength(3);
});

test('asked to go away, it opens the new socket first, and closes the old one once it is let in', async () => {
  const { room, sockets, pass, heard } = enter();
  await pass();
  const [first] = sockets;
  first!.welcome();
  first!.say({ type: 'go-away', from: 'server', data: { reason: 'drain', withinMs: 5000 } });
  first!.say({ type: 'go-away', from: 'server', data: { reason: 'drain', withinMs: 5000 } });
  await pass();
  expect(sockets).toHaveLength(2);
  // The first place to go to is full: the old socket serves on, and another one is tried.
  sockets[1]!.end(1013);
  expect(first!.closedWith).toBeUndefined();
  await pass(1000);
  expect(sockets).toHaveLength(3);
  first!.say({ type: 'announcement', from: 'server', data: 'still heard' });
  room.setState({ name: 'A' });
  expect(first!.sent.at(-1)).toMatchObject({ type: 'state' });
  expect(first!.closedWith).toBeUndefined();
  sockets[2]!.welcome({ resumed: true });
  expect(first!.closedWith).toBe(4000);
  expect(sockets[2]!.sent).toEqual([expect.objectContaining({ type: 'state', data: { name: 'A' } })]);
  expect(heard).toEqual(['connected']);
});

test('a refused token is asked for again once each time; a second refusal is the end', async () => {
  let asked = 0;
  const { room, sockets, pass, nextSocket } = enter({ getToken: async () => `t${++asked}` });
  await pass();
  for (let n = 0; n < 2; n++) {
    sockets.at(-1)!.end(4501);
    await nextSocket();
    sockets.at(-1)!.welcome();
    sockets.at(-1)!.end(1006);
    await nextSocket();
  }
  expect(sockets.map(({ protocols }) => protocols.find((entry) => entry.startsWith('token.')))).toEqual(
    ['t1', 't2', 't3', 't4', 't5'].map((token) => `token.${token}`),
  );
  sockets.at(-1)!.end(4501);
  await nextSocket();
  sockets.at(-1)!.end(4501);
  expect(await rejection(room.chat(''))).toMatchObject({ code: 'aborted' });
  expect(room.status).toBe('closed');
});

test('a token that can not be had is an error, and is asked for again', async () => {
  let asked = 0;
  const getToken = async () => {
    if (asked++ === 0) throw new Error('no session');
    return 'good';
  };
  const { room, sockets, nextSocket } = enter({ getToken });
  const error = new Promise((resolve) => room.on('error', resolve));
  await nextSocket();
  expect(await error).toMatchObject({ code: 'rejected', message: expect.stringContaining('no session') });
  expect(sockets[0]!.protocols).toContain('token.good');
});

test('an AbortSignal leaves the room: before it is joined, while it is, or when it was', async () => {
  const before = enter({ signal: AbortSignal.abort() });
  await before.pass(1000);
  expect(before.sockets).toEqual([]);
  expect(before.room.status).toBe('closed');
  expect(await rejection(before.room.joined)).toMatchObject({ code: 'aborted' });

  for (const welcomed of [false, true]) {
    const abort = new AbortController();
    const { room, sockets, pass } = enter({ signal: abort.signal });
    const closed = new Promise((resolve) => room.on('closed', resolve));
    await pass();
    if (welcomed) sockets[0]!.welcome();
    abort.abort();
    expect(await closed).toBeUndefined();
    expect(sockets[0]!.closedWith).toBe(1000);
    if (!welcomed) expect(await rejection(room.joined)).toMatchObject({ code: 'aborted' });
    await pass(60_000);
    expect(sockets).toHaveLength(1);
  }
});

test('under another session id than before everybody is met anew, with messages numbered from 1', async () => {
  const { room, sockets, pass, heard, nextSocket } = enter();
  const b = { id: 'b', session: 'theirs', dialect: 'v1', status: 'here', state: {} };
  await pass();
  sockets[0]!.welcome({ peers: [b] });
  room.send('b', 'offer', {}).catch(() => {});
  expect(sockets[0]!.sent.at(-1)).toMatchObject({ type: 'offer', id: 'own.1' });
  sockets[0]!.end(1006);
  await nextSocket();
  sockets[1]!.welcome({ id: 'another', peers: [b] });
  room.send('b', 'offer', {}).catch(() => {});
  expect(sockets[1]!.sent.filter(({ type }) => type === 'offer')).toEqual([
    expect.objectContaining({ id: 'another.1' }),
  ]);
  expect(heard).toEqual([
    'peer-joined',
    'connected',
    'reconnecting',
    'peer-left',
    'peer-joined',
    'connected',
  ]);
});
