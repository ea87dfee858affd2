import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check, type Note, type Stay } from './domain/history.ts';
import { build, type TestServer, TestSocket, until } from './helper.ts';

/** What one peer does in one moment; all peers do it at the same time. */
const act = fc.constantFrom('join', 'join', 'leave', 'cut', 'talk', 'talk', 'rest');
const moment = fc.array(act, { minLength: 8, maxLength: 8 });
const ROOMS = ['room-1', 'room-2'];
const PEERS = ['a', 'b', 'c', 'd'];

interface Seat extends Stay {
  socket: TestSocket;
  sent: number;
  /** What became of each message to one peer: it must be told of what was not delivered. */
  outcome: Map<string, { to: string; at: number }>;
}

class World {
  readonly server: TestServer;
  readonly here = new Map<string, Seat>();
  readonly all: Seat[] = [];
  #now = 0;

  constructor(server: TestServer) {
    this.server = server;
  }

  /** Lets all act at once, and waits until everything that follows from it has arrived. */
  async run(acts: string[]): Promise<void> {
    this.#now++;
    const pairs = ROOMS.flatMap((room) => PEERS.map((peer) => ({ room, peer })));
    await Promise.all(pairs.map(({ room, peer }, i) => this.#act(acts[i]!, room, peer)));
    await this.settle();
  }

  async #act(act: string, room: string, peer: string): Promise<void> {
    const key = `${room} ${peer}`;
    const seat = this.here.get(key);
    if (act === 'join' && !seat) {
      const socket = new TestSocket(`ws://127.0.0.1:${this.server.port}/ws/${room}/${peer}`);
      const stay = { room, peer, joinedAt: this.#now, leftAt: Number.POSITIVE_INFINITY, heard: [] };
      this.here.set(key, { ...stay, socket, sent: 0, outcome: new Map() });
      this.all.push(this.here.get(key)!);
      await socket.opened();
    } else if (seat && act === 'talk') {
      for (const to of [...PEERS, 'nobody']) this.#say(seat, 'offer', to);
      this.#say(seat, 'chat', '');
      this.#say(seat, 'ice', peer);
    } else if (seat && (act === 'leave' || act === 'cut')) {
      // Those who go say something first: it may arrive or not, but never out of order.
      this.#say(seat, 'chat', '');
      seat.leftAt = this.#now;
      this.here.delete(key);
      if (act === 'leave') seat.socket.ws.close();
      else seat.socket.ws.terminate();
      await seat.socket.closed;
    }
  }

  #say(seat: Seat, type: string, to: string): void {
    const { room, peer, joinedAt } = seat;
    const note: Note = { room, from: peer, joinedAt, n: seat.sent++ };
    const id = `${room} ${peer} ${joinedAt} ${note.n}`;
    if (to !== '') seat.outcome.set(id, { to, at: this.#now });
    seat.socket.send({ type, to, data: note, id });
  }

  async settle(): Promise<void> {
    const { rooms } = this.server.app;
    await until(() => rooms.totalPeers === this.here.size && rooms.sessions.size === this.here.size);
    // Twice: the first time makes sure that the server has read what each of them sent to the others.
    for (const _ of [1, 2]) {
      for (const seat of this.here.values()) this.#heard(seat, await seat.socket.flush());
    }
    for (const seat of this.all) {
      if (seat.leftAt !== this.#now) continue;
      const unread = seat.socket.unread.splice(0).map((text) => JSON.parse(text));
      this.#heard(seat, unread);
    }
  }

  #heard(seat: Seat, frames: Stay['heard'][0]['frame'][]): void {
    seat.heard.push(...frames.map((frame) => ({ at: this.#now, frame })));
  }

  /** Each message to one peer was delivered, or its sender was told; never both, never neither. */
  checkOutcomes(): void {
    const all = this.all.flatMap((seat) => seat.heard.map(({ frame }) => ({ seat, frame })));
    for (const seat of this.all) {
      for (const [id, { to, at }] of seat.outcome) {
        const about = all.filter(({ frame }) => frame.id === id);
        expect(about.length, id).toBeLessThanOrEqual(1);
        for (const { seat: receiver, frame } of about) {
          expect(receiver.peer).toBe(frame.type === 'error' ? seat.peer : to);
          if (frame.type === 'error') expect(frame.data).toMatchObject({ code: 'peer-not-found' });
        }
        // Who was on its way out meanwhile may have been sent it in vain.
        const gone = this.all.some((other) => other.peer === to && other.leftAt === at);
        if (!gone) expect(about.length, id).toBe(1);
      }
    }
  }
}

test('real sockets that join, leave, are cut and speak all at once: each pair meets exactly once', async () => {
  const server = await build({ JOIN_RATE: '0', MESSAGE_RATE: '0' });
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 8 }), async (moments) => {
      const world = new World(server);
      try {
        // One in each room who stays, so that the room's chats are counted from beginning to end.
        await world.run(['join', 'rest', 'rest', 'rest', 'join', 'rest', 'rest', 'rest']);
        const anchors = [...world.here.values()];
        for (const [i, acts] of moments.entries()) {
          const stay = acts.map((act, peer) => (peer % PEERS.length !== 0 ? act : i % 2 ? 'rest' : 'talk'));
          await world.run(stay);
        }
        check(world.all);
        world.checkOutcomes();
        for (const { heard } of anchors) {
          const chats = heard.filter(({ frame }) => frame.type === 'chat').map(({ frame }) => frame.seq);
          // The count goes on from the run before.
          const first = chats[0] ?? 1;
          expect(chats).toEqual(chats.map((_, n) => first + n));
        }
        await world.run(Array(8).fill('cut'));
      } finally {
        for (const { socket } of world.all) socket.ws.terminate();
      }
      check(world.all);
      await until(() => server.app.rooms.totalPeers === 0);
      expect(server.app.rooms.roomCount).toBe(0);
      expect(server.app.rooms.list(undefined, 10)).toEqual([]);
      expect(server.app.rooms.sessions.size).toBe(0);
    }),
    { numRuns: 15 },
  );
});
