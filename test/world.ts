import { expect } from 'vitest';
import type { Note, Stay } from './domain/history.ts';
import { type TestServer, TestSocket, until } from './helper.ts';

export const ROOMS = ['room-1', 'room-2'];
export const PEERS = ['a', 'b', 'c', 'd'];

/** How long a message between servers may take, ms. */
const LATEST = 5_000;

interface Seat extends Stay {
  socket: TestSocket;
  sent: number;
  /** What became of each message to one peer: it must be told of what was not delivered. */
  outcome: Map<string, { to: string; at: number }>;
}

/** Peers with real sockets, on one server or on several that are joined. */
export class World {
  readonly servers: TestServer[];
  readonly here = new Map<string, Seat>();
  readonly all: Seat[] = [];
  #now = 0;

  constructor(servers: TestServer[]) {
    this.servers = servers;
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
      // Another one each time, so that every mixture of near and far comes.
      const { port } = this.servers[this.all.length % this.servers.length]!;
      const socket = new TestSocket(`ws://127.0.0.1:${port}/ws/${room}/${peer}`);
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
    const sum = (of: (server: TestServer) => number) =>
      this.servers.reduce((total, server) => total + of(server), 0);
    await until(() => sum(({ app }) => app.rooms.census.peers) === this.here.size);
    await until(() => sum(({ app }) => app.rooms.sessions.size) === this.here.size);
    await this.#agree();
    // Twice: the first time makes sure that the server has read what each of them sent to the others.
    for (const _ of [1, 2]) await this.#listen();
    if (this.servers.length > 1) await this.#answered();
    for (const seat of this.all) {
      if (seat.leftAt !== this.#now) continue;
      const unread = seat.socket.unread.splice(0).map((text) => JSON.parse(text));
      this.#heard(seat, unread);
    }
  }

  async #listen(): Promise<void> {
    for (const seat of this.here.values()) this.#heard(seat, await seat.socket.flush());
  }

  /** Between servers what was sent takes its time; what has not come by then is lost. */
  async #answered(): Promise<void> {
    const startedAt = performance.now();
    await until(async () => {
      await this.#listen();
      const come = new Set(this.all.flatMap(({ heard }) => heard.map(({ frame }) => frame.id)));
      const isCome = ([id, { to, at }]: [string, { to: string; at: number }]) =>
        at !== this.#now || come.has(id) || this.#isGone(to, at);
      const all = [...this.here.values()].every(({ outcome }) => [...outcome].every(isCome));
      return all || performance.now() - startedAt > LATEST;
    });
  }

  /** Whether a peer of this name was on its way out in that moment. */
  #isGone(peer: string, at: number): boolean {
    return this.all.some((seat) => seat.peer === peer && seat.leftAt === at);
  }

  /** Waits until every server knows of the same peers, and has told those who are there. */
  async #agree(): Promise<void> {
    await until(() =>
      [...this.here.values()].every(({ room, socket }) => {
        const ids = [...this.here.values()].filter((seat) => seat.room === room).map(({ peer }) => peer);
        const known = this.servers
          .find(({ port }) => socket.ws.url.includes(`:${port}/`))!
          .app.rooms.known.get(room);
        const peers = [...(known?.room.peers.keys() ?? [])];
        return known?.writer.idle && peers.toSorted().join() === ids.toSorted().join();
      }),
    );
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
        if (!this.#isGone(to, at)) expect(about.length, id).toBe(1);
      }
    }
  }
}
