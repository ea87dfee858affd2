import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Probe } from '../../src/rooms/probe.ts';
import { pass } from '../pass.ts';
import { FakeConnection, fakeRooms } from './fake-connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function probe() {
  const connection = new FakeConnection();
  const settled = vi.fn();
  const alive: boolean[] = [];
  const asked = new Probe(connection, settled);
  asked.alive.then((is) => alive.push(is));
  return { connection, settled, alive, asked };
}

test('a probe pings at once and knows nothing before there is an answer', async () => {
  const { connection, settled, alive } = probe();
  await pass(1_999);
  expect(connection.pings).toBe(1);
  expect(alive).toEqual([]);
  expect(settled).not.toHaveBeenCalled();
});

test('who does not answer a ping within 2 s is dead', async () => {
  const { alive, settled } = probe();
  await pass(2_001);
  expect(alive).toEqual([false]);
  expect(settled).toHaveBeenCalledOnce();
});

test('who answers is alive at once, and the timer is gone', async () => {
  vi.clearAllTimers();
  const { alive, asked } = probe();
  await pass(100);
  asked.answer(true);
  await pass(0);
  expect(alive).toEqual([true]);
  expect(vi.getTimerCount()).toBe(0);
});

test('any byte within the 2 s is a sign of life', async () => {
  const { connection, alive } = probe();
  await pass(1_500);
  connection.received++;
  await pass(600);
  expect(alive).toEqual([true]);
});

test('if the event loop was held up, an answer that lies unread still counts', async () => {
  // A turn of the loop by hand: the timer is late, then the sockets are read, then the immediates run.
  let timer = () => {};
  let immediate = () => {};
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void) => {
    timer = run;
    return 0;
  }) as never);
  vi.spyOn(globalThis, 'setImmediate').mockImplementation(((run: () => void) => {
    immediate = run;
    return 0;
  }) as never);
  const { connection, alive } = probe();
  timer();
  await Promise.resolve();
  expect(alive).toEqual([]);
  connection.received += 6;
  immediate();
  await Promise.resolve();
  expect(alive).toEqual([true]);
});

test('several newcomers share one probe, and the one who sits there keeps its place if it answers', async () => {
  const rooms = fakeRooms();
  const incumbent = new FakeConnection();
  const session = rooms.open(incumbent, 'room', 'peer');
  let mark = '';
  incumbent.onPing = (given) => {
    mark = given;
  };
  const newcomers = [new FakeConnection(), new FakeConnection(), new FakeConnection()];
  for (const newcomer of newcomers) rooms.open(newcomer, 'room', 'peer');
  await pass(10);
  expect(incumbent.pings).toBe(1);
  session.pong(''); // to a ping of the heartbeat, from before
  await pass(0);
  expect(newcomers.filter(({ open }) => open)).toHaveLength(3);
  session.pong(mark);
  await pass(0);
  for (const newcomer of newcomers) {
    expect(newcomer.closedWith).toEqual({ code: 4509, reason: 'peer-id-in-use' });
    expect(newcomer.frames).toEqual([]);
  }
  expect(rooms.known.find('room', 'peer')?.session).toBe(session);
  expect(rooms.sessions.size).toBe(1);
});

test('of several newcomers on a dead place exactly one gets it', async () => {
  const rooms = fakeRooms();
  const watcher = new FakeConnection();
  const dead = new FakeConnection();
  rooms.open(watcher, 'room', 'watcher');
  rooms.open(dead, 'room', 'peer');
  const newcomers = [new FakeConnection(), new FakeConnection(), new FakeConnection()];
  for (const newcomer of newcomers) {
    const session = rooms.open(newcomer, 'room', 'peer');
    newcomer.onPing = (mark) => queueMicrotask(() => session.pong(mark));
  }
  watcher.frames.length = 0;
  await pass(10_000);
  expect(dead.terminated).toBe(true);
  expect(newcomers.filter(({ open }) => open)).toHaveLength(1);
  expect(newcomers.filter(({ closedWith }) => closedWith?.code === 4509)).toHaveLength(2);
  const told = watcher.frames.map(({ type, data }) => [type, data]);
  expect(told).toEqual([
    ['peer-left', 'peer'],
    ['new-peer', 'peer'],
    ['peers', ['watcher', 'peer']],
  ]);
});
