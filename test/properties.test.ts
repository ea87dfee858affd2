import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Session } from '../src/rooms/session.ts';
import { FakeConnection, fakeRooms } from './domain/fake-connection.ts';
import { check, type Note, type Stay } from './domain/history.ts';

/** One thing that somebody does. Who is not there stays silent; who is there already does not join again. */
const step = fc.record({
  act: fc.constantFrom('join', 'join', 'leave', 'cut', 'offer', 'answer', 'ice', 'chat', 'whisper'),
  room: fc.constantFrom('room-1', 'room-2', '__proto__'),
  peer: fc.constantFrom('a', 'b', 'c', 'constructor'),
  to: fc.constantFrom('a', 'b', 'c', 'constructor', 'nobody'),
});

interface Seat extends Stay {
  session: Session;
  connection: FakeConnection;
  sent: number;
}

/** The rooms of the domain and a model of them, side by side. */
class World {
  readonly rooms = fakeRooms();
  readonly all: Seat[] = [];
  readonly here = new Map<string, Seat>();
  /** How many chats there were in a room, which is remembered while nobody is in it. */
  readonly chats = new Map<string, number>();
  #now = 0;

  members(room: string): Seat[] {
    return [...this.here.values()].filter((seat) => seat.room === room);
  }

  run({ act, room, peer, to }: { act: string; room: string; peer: string; to: string }): void {
    this.#now++;
    const seat = this.here.get(`${room} ${peer}`);
    if (act === 'join') {
      if (!seat) this.#join(room, peer);
    } else if (seat) {
      if (act === 'leave' || act === 'cut') this.#leave(seat, act === 'leave' ? 1000 : 1006);
      else this.#say(seat, act, to);
    }
    for (const { connection, heard } of this.all) {
      const news = connection.frames.slice(heard.length);
      heard.push(...news.map((frame) => ({ at: this.#now, frame })));
    }
  }

  #join(room: string, peer: string): void {
    const connection = new FakeConnection();
    const session = this.rooms.open(connection, room, peer);
    const stay = { room, peer, joinedAt: this.#now, leftAt: Number.POSITIVE_INFINITY, heard: [] };
    const seat: Seat = { ...stay, session, connection, sent: 0 };
    this.all.push(seat);
    this.here.set(`${room} ${peer}`, seat);
    expect(connection.frames).toEqual([
      { type: 'peers', room, from: 'server', data: this.members(room).map((each) => each.peer) },
    ]);
  }

  #leave(seat: Seat, code: number): void {
    const before = seat.connection.frames.length;
    seat.connection.open = false;
    seat.session.ended(code);
    seat.session.ended(1006); // a socket may report its end twice
    seat.leftAt = this.#now;
    this.here.delete(`${seat.room} ${seat.peer}`);
    expect(seat.connection.frames.length).toBe(before);
  }

  #say(seat: Seat, act: string, to: string): void {
    const { room, peer, joinedAt } = seat;
    const note: Note = { room, from: peer, joinedAt, n: seat.sent++ };
    const type = act === 'whisper' ? 'chat' : act;
    const target = act === 'chat' ? undefined : this.here.get(`${room} ${to}`);
    const message = { type, room: 'elsewhere', from: 'server', data: note, id: `${note.n}` };
    const receivers = act === 'chat' ? this.members(room) : target ? [target] : [];
    if (act === 'whisper' && target && target !== seat) receivers.push(seat);
    const before = this.all.map(({ connection }) => connection.frames.length);
    seat.session.receive(Buffer.from(JSON.stringify(act === 'chat' ? message : { ...message, to })));
    const expected: Record<string, unknown> = { type, room, from: peer, data: note, id: message.id };
    if (type === 'chat') expected.time = expect.any(String);
    if (act === 'chat') {
      expected.seq = (this.chats.get(room) ?? 0) + 1;
      this.chats.set(room, expected.seq as number);
    } else expected.to = to;
    for (const [i, each] of this.all.entries()) {
      const news = each.connection.frames.slice(before[i]);
      if (receivers.includes(each)) expect(news).toEqual([expected]);
      else if (each !== seat || receivers.length > 0) expect(news).toEqual([]);
      else expect(news).toMatchObject([{ type: 'error', id: message.id, data: { code: 'peer-not-found' } }]);
    }
  }
}

test('whoever joins, leaves, is cut and speaks in whatever order: the rooms agree with the model', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }), (steps) => {
      const world = new World();
      for (const each of steps) {
        world.run(each);
        expect(world.rooms.census.peers).toBe(world.here.size);
        const rooms = new Set([...world.here.values()].map(({ room }) => room));
        const listed = world.rooms.list(undefined, 10);
        expect(listed.map(({ id }) => id)).toEqual([...rooms].sort());
        for (const { id, peerCount } of listed) expect(peerCount).toBe(world.members(id).length);
      }
      check(world.all);
      for (const { room, peer } of world.here.values()) world.run({ act: 'cut', room, peer, to: '' });
      check(world.all);
      expect(world.rooms.census.peers).toBe(0);
      expect(world.rooms.sessions.size).toBe(0);
      // A room's name is free again once the last peer has left.
      expect(world.rooms.census.rooms).toBe(0);
      expect(world.rooms.list(undefined, 10)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('the checks see what they are there to see', () => {
  const stay = (
    peer: string,
    joinedAt: number,
    ...frames: [at: number, type: string, data: unknown][]
  ): Stay => ({
    room: 'r',
    peer,
    joinedAt,
    leftAt: Number.POSITIVE_INFINITY,
    heard: frames.map(([at, type, data]) => ({
      at,
      frame: { type, room: 'r', from: 'server', data } as Stay['heard'][0]['frame'],
    })),
  });
  const b = stay('b', 2, [2, 'peers', ['a', 'b']]);
  check([stay('a', 1, [1, 'peers', ['a']], [2, 'new-peer', 'b'], [2, 'peers', ['a', 'b']]), b]);
  const wrong = [
    stay('a', 1, [1, 'peers', ['a']]), // nobody was told
    stay('a', 1, [1, 'peers', ['a']], [2, 'new-peer', 'b'], [2, 'new-peer', 'b'], [2, 'peers', ['a', 'b']]),
    stay('a', 1, [1, 'peers', ['a']], [2, 'new-peer', 'b'], [2, 'peers', ['a', 'b']], [3, 'peer-left', 'b']),
    stay('a', 1, [1, 'peers', ['a']], [2, 'new-peer', 'b'], [2, 'peers', ['b', 'a']]),
    stay('a', 1, [1, 'peers', ['a']], [2, 'peer-left', 'b'], [2, 'new-peer', 'b'], [2, 'peers', ['a', 'b']]),
  ];
  for (const a of wrong) expect(() => check([a, b])).toThrow();
});
