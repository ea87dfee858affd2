import type { ClusterOwner, Entry, Figures, Note, Question } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import { SERVER_ID } from '../protocol/ids.ts';
import { mergePairs, type Pair } from './call-log.ts';
import type { RoomSummary } from './census.ts';
import { unreachable } from './complain.ts';
import { sayText, stamp } from './frames.ts';
import type { Rooms } from './rooms.ts';

/** How long another instance has to answer, ms: it may have to ping a client first. */
const ANSWER_WITHIN = 3_500;
/** Rooms that are read anew at a time. */
const AT_ONCE = 32;
/** How long an instance that nobody knows may answer for peers, ms: it may have begun just now. */
const UNKNOWN_FOR = 10_000;
/** The age of a figure that still counts, ms. */
const FRESH = 3_000;

interface Waiting {
  resolve(answer: unknown): void;
  timer: NodeJS.Timeout;
}

/** Rooms and peers of all instances together. */
export interface ClusterStats {
  roomCount: number;
  totalPeers: number;
  away: number;
  rooms: RoomSummary[];
  scope: 'instance' | 'cluster';
  instances: { heard: number; expected: number; complete: boolean };
}

/** The talk of one instance with the others: what they tell it, what it asks them, and what to do if one dies. */
export class Exchange implements ClusterOwner {
  readonly #rooms: Rooms;
  readonly #waiting = new Map<number, Waiting>();
  /** Since when instances answer for peers that are not among the others, ms. */
  #unknown = new Map<string, number>();
  #questions = 0;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  figures(): Figures {
    return this.#rooms.census.figures();
  }

  /** One that died before it could say in which rooms it has peers is taken over by whoever meets them. */
  heard(): void {
    const { cluster, census, known } = this.#rooms;
    const heard = new Set(cluster.members.map(({ instance }) => instance));
    const before = this.#unknown;
    const now = performance.now();
    this.#unknown = new Map();
    for (const holder of census.holders) {
      if (heard.has(holder) || cluster.state !== 'up') continue;
      const since = before.get(holder) ?? now;
      this.#unknown.set(holder, since);
      if (now - since < UNKNOWN_FOR) continue;
      const rooms = [...known].filter(({ room }) => room.instances().includes(holder));
      this.died(
        holder,
        Array.from(rooms, ({ room }) => room.id),
      ).catch(() => {}); // tried again
    }
  }

  received(note: Note, from: string): void {
    switch (note.is) {
      case 'room': {
        const place = this.#rooms.known.get(note.room);
        place?.writer.refresh();
        if (place && note.anew) place.feed.catchUp().catch(() => {});
        return;
      }
      case 'to':
        return this.#deliver(note, from);
      case 'back': {
        const sender = this.#rooms.known.find(note.room, note.from.peer);
        if (sender?.entry.conn === note.from.conn) unreachable(sender, note.to, note.from.id);
        return;
      }
      case 'chat':
        return this.#bring(note);
      case 'all': {
        const place = this.#rooms.known.get(note.room);
        place?.writer.whenIdle(() => place.room.broadcast(Buffer.from(note.frame)));
        return;
      }
      case 'state':
        return this.#show(note);
      case 'remove': {
        // It may have moved on meanwhile: then the note follows it.
        const entry = this.#rooms.known.find(note.room, note.peer)?.entry;
        if (entry?.session === note.session) void this.#rooms.dismiss(note.room, entry).catch(() => {});
        return;
      }
      case 'ask':
        return void this.#answer(note.n, note.question, from);
      case 'answer':
        return this.#settle(note.n, note.answer);
      default:
        note satisfies never;
    }
  }

  /** Only after what the room is being told: who gets a message has heard of its sender. */
  #deliver(note: Extract<Note, { is: 'to' }>, from: string): void {
    const { room, to, session } = note;
    const act = () => {
      const peer = this.#rooms.known.find(room, to);
      if (peer?.entry.session === session && peer.send(Buffer.from(note.frame))) return;
      if (!note.from.quiet) void this.#tell(from, { is: 'back', room, to, from: note.from });
    };
    const place = this.#rooms.known.get(room);
    if (place) place.writer.whenIdle(() => place.feed.after(note.from.peer, act));
    else act();
  }

  #bring({ room, seq, key, from, frame }: Extract<Note, { is: 'chat' }>): void {
    const place = this.#rooms.known.get(room);
    place?.writer.whenIdle(() => place.feed.take({ seq, frame: Buffer.from(frame), key, from }));
  }

  #show({ room: id, peer: peerId, session, state, frame }: Extract<Note, { is: 'state' }>): void {
    const place = this.#rooms.known.get(id);
    place?.writer.whenIdle(() => {
      const peer = place.room.peers.get(peerId);
      if (peer?.entry.session !== session || peer.entry.state === state) return;
      peer.entry = { ...peer.entry, state };
      place.room.broadcast(Buffer.from(frame), peer, 'v1');
    });
  }

  /** Whether a connection of another instance gives a sign of life. If that can't be asked, it counts as alive. */
  async isAlive(room: string, { id: peer, conn, instance }: Entry): Promise<boolean> {
    const { cluster } = this.#rooms;
    if (cluster.state !== 'up') return true;
    if (!cluster.members.some((member) => member.instance === instance)) return false;
    const answer = await this.ask(instance, { about: 'conn', room, peer, conn });
    return answer === undefined ? cluster.state !== 'up' : answer === true;
  }

  /** Asks another instance. @returns its answer; undefined if there was none in time */
  ask(instance: string, question: Question, within = ANSWER_WITHIN): Promise<unknown> {
    const n = ++this.#questions;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(n, undefined), within);
      this.#waiting.set(n, { resolve, timer });
      this.#rooms.cluster.send(instance, { is: 'ask', n, question }).catch(() => this.#settle(n, undefined));
    });
  }

  #settle(n: number, answer: unknown): void {
    const waiting = this.#waiting.get(n);
    this.#waiting.delete(n);
    clearTimeout(waiting?.timer);
    waiting?.resolve(answer);
  }

  async #answer(n: number, question: Question, from: string): Promise<void> {
    const answer = await this.#know(question);
    await this.#tell(from, { is: 'answer', n, answer });
  }

  async #know(question: Question): Promise<unknown> {
    switch (question.about) {
      case 'conn': {
        const entry = this.#rooms.known.find(question.room, question.peer)?.entry;
        return entry?.conn === question.conn && (await this.#rooms.isAlive(question.room, entry));
      }
      case 'rooms':
        return this.#rooms.list(question.after, question.limit);
      case 'calls':
        return this.#rooms.calls?.list(question.room, question.limit) ?? [];
    }
  }

  /** A note that nobody waits for: whoever it is for has a time limit of its own. */
  async #tell(instance: string, note: Note): Promise<void> {
    await this.#rooms.cluster.send(instance, note).catch(() => {});
  }

  resync(): void {
    void this.#readAll();
  }

  /** A few rooms at a time, so that what is going on is not held up. */
  async #readAll(): Promise<void> {
    const { cluster } = this.#rooms;
    const places = [...this.#rooms.known];
    for (let at = 0; at < places.length && cluster.state === 'up'; at += AT_ONCE) {
      await Promise.all(
        places.slice(at, at + AT_ONCE).map(async ({ writer, feed }) => {
          // Its chat first: who finds the room again is to find it under the name that others know already.
          await feed.save().catch(() => {});
          writer.refresh(true);
          await new Promise<void>((resolve) => writer.whenIdle(resolve));
          await feed.catchUp().catch(() => {});
        }),
      );
    }
  }

  async died(instance: string, rooms: readonly string[]): Promise<void> {
    this.#rooms.log.warn({ instance, rooms: rooms.length }, 'an instance has died');
    for (let at = 0; at < rooms.length; at += AT_ONCE) {
      const some = rooms.slice(at, at + AT_ONCE);
      await Promise.all(some.map((room) => this.#takeOver(room, instance)));
    }
  }

  /** The peers of a dead instance: plain ones have left, the others may come back within their grace. */
  #takeOver(roomId: string, dead: string): Promise<void> {
    const { room, writer } = this.#rooms.known.enter(roomId);
    let lost: Entry[] = [];
    const until = Date.now() + this.#rooms.graceMs;
    writer.refresh();
    return new Promise((done, reject) => {
      writer.submit({
        change: (draft) => {
          lost = [];
          for (const entry of [...draft.entries()]) {
            if (entry.instance !== dead) continue;
            const stays = entry.dialect === 'v1' && this.#rooms.graceMs > 0;
            if (!stays) {
              draft.delete(entry.id, CloseCode.Restart);
              lost.push(entry);
            } else draft.set({ ...entry, instance: this.#rooms.instance, away: entry.away || until });
          }
        },
        done: () => {
          for (const entry of lost) this.#rooms.happenings.left(room, entry);
          done();
        },
        failed: () => reject(new Error(`the room can not be written: ${roomId}`)),
      });
    });
  }

  /** The rooms and peers of all instances. */
  async stats(after: string | undefined, limit: number): Promise<ClusterStats> {
    const { cluster, instance } = this.#rooms;
    const others = cluster.members.filter((member) => member.instance !== instance);
    const own = this.#rooms.census.figures();
    if (cluster.state !== 'up') {
      const rooms = this.#rooms.list(after, limit);
      const instances = { heard: 1, expected: others.length + 1, complete: others.length === 0 };
      return {
        roomCount: own.rooms,
        totalPeers: own.peers,
        away: own.away,
        rooms,
        scope: 'instance',
        instances,
      };
    }
    const heard = others.filter(({ age }) => age < FRESH);
    const pages = await Promise.all(
      limit === 0 ? [] : heard.map((one) => this.ask(one.instance, { about: 'rooms', after, limit }, 1_000)),
    );
    const answered = pages.filter((page) => Array.isArray(page)) as RoomSummary[][];
    const rooms = [this.#rooms.list(after, limit), ...answered].flat();
    rooms.sort((a, b) => (a.id < b.id ? -1 : 1));
    const sum = (of: (figures: Figures) => number) =>
      heard.reduce((total, { figures }) => total + of(figures), of(own));
    const count = limit === 0 ? heard.length : answered.length;
    return {
      roomCount: sum(({ rooms }) => rooms),
      totalPeers: sum(({ peers }) => peers),
      away: sum(({ away }) => away),
      rooms: rooms.slice(0, limit),
      scope: 'cluster',
      instances: { heard: count + 1, expected: others.length + 1, complete: count === others.length },
    };
  }

  /** The latest calls of a room, or of all, as all instances have seen them. */
  async calls(room: string | undefined, limit: number): Promise<Pair[]> {
    const own = this.#rooms.calls?.list(room, limit) ?? [];
    const { cluster, instance } = this.#rooms;
    if (cluster.state !== 'up') return own;
    const others = cluster.members.filter((member) => member.instance !== instance && member.age < FRESH);
    const lists = await Promise.all(
      others.map((one) => this.ask(one.instance, { about: 'calls', room, limit }, 1_000)),
    );
    return mergePairs([own, ...(lists.filter((list) => Array.isArray(list)) as Pair[][])]).slice(0, limit);
  }

  /**
   * Who is in a room, on whichever instance.
   *
   * @throws ClusterDown if nobody of it is here and the others can't be asked
   */
  async members(room: string): Promise<Entry[]> {
    const here = this.#rooms.known.get(room)?.room;
    if (here && here.own > 0) return Array.from(here.peers.values(), ({ entry }) => entry);
    const { cluster } = this.#rooms;
    return cluster.state === 'off' ? [] : [...(await cluster.read(room)).entries.values()];
  }

  /**
   * Tells all peers of a room what the operator has to say.
   *
   * @param members who is in it
   * @param data JSON text
   * @throws ClusterDown if an instance can't be told
   */
  async announce(room: string, members: readonly Entry[], data: string): Promise<void> {
    const frame = sayText('announcement', stamp(room, SERVER_ID), data);
    const note = { is: 'all', room, frame: frame.toString() } as const;
    const { cluster, instance: own } = this.#rooms;
    const instances = new Set(members.map(({ instance }) => instance));
    if (instances.delete(own)) this.received(note, own);
    await Promise.all([...instances].map((instance) => cluster.send(instance, note)));
  }

  stop(): void {
    for (const n of [...this.#waiting.keys()]) this.#settle(n, undefined);
  }
}
