import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { startHeartbeat } from '../../src/rooms/heartbeat.ts';
import { FakeConnection, fakeRooms } from './fake-connection.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Answers each ping after `delay` ms, until `diesAt` on the fake clock. */
function answering(connection: FakeConnection, delay: number, diesAt = Number.POSITIVE_INFINITY): void {
  const start = performance.now();
  connection.onPing = () => {
    setTimeout(() => {
      if (performance.now() - start < diesAt) connection.received += 6;
    }, delay);
  };
}

const seconds = fc.constantFrom(0.1, 0.3, 0.7, 1, 2.5, 5, 10, 25, 60);

test('a half-open peer is gone within HEARTBEAT_SECONDS + HEARTBEAT_TIMEOUT_SECONDS, whenever it went', () => {
  fc.assert(
    fc.property(seconds, seconds, fc.double({ min: 0, max: 4, noNaN: true }), (every, within, part) => {
      // A tick of 10 ms and a time-out of a minute would only make the test long.
      fc.pre(every / within < 100 && within / every < 100);
      vi.useFakeTimers();
      const rooms = fakeRooms();
      const stop = startHeartbeat(rooms.sessions, every, within);
      vi.advanceTimersByTime(part * 1000); // joins at any phase of the ticks
      const connection = new FakeConnection();
      const diesAt = part * every * 1000;
      answering(connection, Math.min(20, within * 100), diesAt);
      rooms.open(connection, 'room', 'peer');
      vi.advanceTimersByTime(diesAt);
      expect(connection.terminated).toBe(false);
      vi.advanceTimersByTime((every + within) * 1000);
      expect(connection.terminated).toBe(true);
      expect(rooms.census.rooms).toBe(0);
      stop();
      vi.useRealTimers();
    }),
    { numRuns: 60 },
  );
});

test.for([
  [25, 10],
  [1, 1],
  [0.3, 0.3],
  [25, 0.5],
  [0.1, 3],
] as const)('a half-open peer is gone in time although timers are late: %d s and %d s', ([every, within]) => {
  vi.useFakeTimers();
  // A millisecond each time, as they are on an idle machine.
  vi.spyOn(globalThis, 'setInterval').mockImplementation(((run: () => void, ms: number) => {
    const late = () => {
      setTimeout(late, Math.floor(ms) + 1);
      run();
    };
    setTimeout(late, Math.floor(ms) + 1);
    return 0;
  }) as never);
  const rooms = fakeRooms();
  startHeartbeat(rooms.sessions, every, within);
  const connection = new FakeConnection();
  rooms.open(connection, 'room', 'peer');
  vi.advanceTimersByTime((every + within) * 1000);
  expect(connection.terminated).toBe(true);
});

test('who answers every ping in time stays for ever, however close to the time-out', () => {
  fc.assert(
    fc.property(seconds, seconds, fc.double({ min: 0, max: 0.99, noNaN: true }), (every, within, part) => {
      fc.pre(every / within < 100 && within / every < 100);
      vi.useFakeTimers();
      const rooms = fakeRooms();
      const stop = startHeartbeat(rooms.sessions, every, within);
      const connection = new FakeConnection();
      answering(connection, part * within * 1000);
      rooms.open(connection, 'room', 'peer');
      vi.advanceTimersByTime(4 * (every + within) * 1000);
      expect(connection.terminated).toBe(false);
      expect(connection.pings).toBeGreaterThan(1);
      stop();
      vi.useRealTimers();
    }),
    { numRuns: 60 },
  );
});

test('each peer is pinged about once in HEARTBEAT_SECONDS, and the one who talks anyway not more often', () => {
  vi.useFakeTimers();
  const rooms = fakeRooms();
  startHeartbeat(rooms.sessions, 25, 10);
  const talks = new FakeConnection();
  setInterval(() => {
    talks.received += 100;
  }, 50);
  const quiet = new FakeConnection();
  answering(quiet, 50);
  rooms.open(talks, 'room', 'talks');
  rooms.open(quiet, 'room', 'quiet');
  vi.advanceTimersByTime(250_000);
  for (const { pings, terminated } of [talks, quiet]) {
    expect(terminated).toBe(false);
    expect(pings).toBeGreaterThanOrEqual(9);
    expect(pings).toBeLessThanOrEqual(12);
  }
});

test('thousands that come at once are not pinged at once, and those of them that die are gone in time', () => {
  vi.useFakeTimers();
  const rooms = fakeRooms();
  startHeartbeat(rooms.sessions, 25, 10);
  const all = Array.from({ length: 2_000 }, () => new FakeConnection());
  for (const [n, connection] of all.entries()) {
    answering(connection, 50, n % 10 === 0 ? 30_000 : undefined);
    rooms.open(connection, `room-${n}`, 'peer');
  }
  const pings = () => all.reduce((sum, connection) => sum + connection.pings, 0);
  let most = 0;
  for (let at = 0; at < 65_000; at += 100) {
    const before = pings();
    vi.advanceTimersByTime(100);
    most = Math.max(most, pings() - before);
  }
  expect(pings()).toBeGreaterThan(4_000);
  expect(most).toBeLessThan(40);
  expect(all.map(({ terminated }) => terminated)).toEqual(all.map((_, n) => n % 10 === 0));
});

test('the others of the room get peer-left for a peer that the heartbeat ends, exactly once', () => {
  vi.useFakeTimers();
  const rooms = fakeRooms();
  startHeartbeat(rooms.sessions, 1, 1);
  const watcher = new FakeConnection();
  answering(watcher, 1);
  rooms.open(watcher, 'room', 'watcher');
  const dead = rooms.open(new FakeConnection(), 'room', 'dead');
  vi.advanceTimersByTime(2_000);
  dead.ended(1006); // the socket's own end comes after it
  vi.advanceTimersByTime(10_000);
  const told = watcher.frames.filter(({ type }) => type === 'peer-left');
  expect(told.map(({ data }) => data)).toEqual(['dead']);
});

test('a held-up event loop ends nobody: the sockets have their turn before anyone is judged', () => {
  // The loop by hand: in each turn the timer, then what the sockets read, then the immediates.
  let tick = () => {};
  let immediates: (() => void)[] = [];
  vi.spyOn(globalThis, 'setInterval').mockImplementation(((run: () => void) => {
    tick = run;
    return 0;
  }) as never);
  vi.spyOn(globalThis, 'setImmediate').mockImplementation(((run: () => void) => {
    immediates.push(run);
    return 0;
  }) as never);
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const rooms = fakeRooms();
  startHeartbeat(rooms.sessions, 2, 1);
  const connection = new FakeConnection();
  rooms.open(connection, 'room', 'peer');
  let unread = 0;
  connection.onPing = () => {
    unread += 6;
  };
  for (let turn = 0; turn < 1_000; turn++) {
    // A minute between two turns: an answer has come long ago, but it is read only now.
    now += 60_000;
    tick();
    connection.received += unread;
    unread = 0;
    const run = immediates;
    immediates = [];
    for (const each of run) each();
  }
  expect(connection.pings).toBeGreaterThan(10);
  expect(connection.terminated).toBe(false);
});

test('after it was stopped it pings nobody and ends nobody', () => {
  vi.useFakeTimers();
  const rooms = fakeRooms();
  const stop = startHeartbeat(rooms.sessions, 1, 1);
  const connection = new FakeConnection();
  rooms.open(connection, 'room', 'peer');
  stop();
  vi.advanceTimersByTime(60_000);
  expect(connection.pings).toBe(0);
  expect(connection.terminated).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
