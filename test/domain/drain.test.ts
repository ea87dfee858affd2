import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drain } from '../../src/rooms/drain.ts';
import { pass } from '../pass.ts';
import { FakeConnection, fakeRooms } from './fake-connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function full(count: number) {
  const rooms = fakeRooms();
  const connections = Array.from({ length: count }, (_, i) => {
    const connection = new FakeConnection();
    rooms.open(connection, `room-${i % 7}`, `peer-${i}`);
    return connection;
  });
  return { rooms, connections, closed: () => connections.filter(({ open }) => !open).length };
}

test('a drain closes everybody with 1012, spread evenly over its time', async () => {
  vi.clearAllTimers();
  const { rooms, connections, closed } = full(200);
  let done = false;
  drain(rooms, 10).then(() => {
    done = true;
  });
  let before = 0;
  for (let ms = 100; ms < 10_000; ms += 100) {
    await pass(100);
    // 200 in 10 s are 2 in 100 ms; one step more may fall into each.
    expect(Math.abs(closed() - ms / 50), `${ms} ms`).toBeLessThanOrEqual(2);
    expect(closed() - before, `${ms} ms`).toBeLessThanOrEqual(4);
    expect(done).toBe(false);
    before = closed();
  }
  await pass(200);
  expect(done).toBe(true);
  for (const { closedWith } of connections) expect(closedWith).toEqual({ code: 1012, reason: 'restart' });
  expect(rooms.census.peers).toBe(0);
  expect(rooms.census.rooms).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('from its first moment on new joins are refused with 1012', () => {
  const { rooms } = full(3);
  drain(rooms, 10);
  const late = new FakeConnection();
  rooms.open(late, 'room', 'late');
  expect(late.closedWith).toEqual({ code: 1012, reason: 'restart' });
  expect(late.frames).toEqual([]);
});

test('a newcomer who waits for an occupied place is closed with 1012, too', async () => {
  const { rooms } = full(1);
  const waiting = new FakeConnection();
  rooms.open(waiting, 'room-0', 'peer-0');
  drain(rooms, 1);
  await pass(5_000);
  expect(waiting.closedWith).toEqual({ code: 1012, reason: 'restart' });
  expect(rooms.sessions.size).toBe(0);
});

test('those who are still there hear of each who goes, exactly once', async () => {
  const rooms = fakeRooms();
  const connections = ['a', 'b', 'c', 'd'].map((id) => {
    const connection = new FakeConnection();
    rooms.open(connection, 'room', id);
    return connection;
  });
  drain(rooms, 4);
  await pass(5_000);
  const left = connections.map(({ frames }) => frames.filter(({ type }) => type === 'peer-left'));
  expect(left.map((frames) => frames.map(({ data }) => data))).toEqual([
    [],
    ['a'],
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]);
});

test('a drain of 0 s closes all at once, and one with nobody there just waits', async () => {
  const { rooms, closed } = full(50);
  const done = drain(rooms, 0);
  expect(closed()).toBe(50);
  await done;
  const empty = drain(fakeRooms(), 2);
  await pass(2_100);
  await empty;
});
