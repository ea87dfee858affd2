import type { Cluster, Entry } from '../cluster/cluster.ts';
import { ChatFeed } from './chat-feed.ts';
import type { Peer } from './peer.ts';
import { Room, type Seating } from './room.ts';
import type { Rooms } from './rooms.ts';
import type { Tally } from './tally.ts';
import { believe, welcomeFrame } from './welcome.ts';
import { Writer } from './writer.ts';

/** A room, with what works on it. */
export interface KnownRoom {
  room: Room;
  writer: Writer;
  feed: ChatFeed;
}

/** Every room that this instance knows: begun when somebody comes, forgotten when nobody of its own is left. */
export class KnownRooms {
  readonly instance: string;
  readonly cluster: Cluster;
  readonly tally: Tally;
  readonly #rooms: Rooms;
  readonly #known = new Map<string, KnownRoom>();

  constructor(rooms: Rooms) {
    this.instance = rooms.instance;
    this.cluster = rooms.cluster;
    this.tally = rooms.tally;
    this.#rooms = rooms;
  }

  get(roomId: string): KnownRoom | undefined {
    return this.#known.get(roomId);
  }

  find(roomId: string, peerId: string): Peer | undefined {
    return this.#known.get(roomId)?.room.peers.get(peerId);
  }

  [Symbol.iterator](): Iterator<KnownRoom> {
    return this.#known.values();
  }

  /** A room, and one of its own if it is not known yet. */
  enter(roomId: string): KnownRoom {
    const known = this.#known.get(roomId);
    if (known) return known;
    const { chats } = this.#rooms;
    const room = new Room(roomId, chats.of(roomId), this);
    const feed = new ChatFeed(room, chats, this.cluster);
    const entered = { room, writer: new Writer(room, feed, this), feed };
    this.#known.set(roomId, entered);
    return entered;
  }

  /** A peer's entry is another one: `before` or `after` is undefined if it came or went. */
  counted(room: Room, before: Entry | undefined, after: Entry | undefined): void {
    const { census, happenings } = this.#rooms;
    census.count(room, before, after);
    if (after && !before) happenings.came(room, after);
    if (before && !after && before.instance === this.instance) happenings.left(room, before);
  }

  /** What a v1 peer is told when it comes. */
  welcome(peer: Peer, seating: Seating): Buffer {
    const { options, chats } = this.#rooms;
    const isReturn = this.cluster.state === 'down' && seating.arrival.returning;
    const arrival = isReturn ? believe(peer.room, seating.arrival) : seating.arrival;
    return welcomeFrame(options, chats, peer, { ...seating, arrival });
  }

  /** Waits out the grace of a peer that is away. */
  watch(peer: Peer): NodeJS.Timeout {
    const { id, room } = peer;
    const { conn, away } = peer.entry;
    return setTimeout(() => {
      if (this.#rooms.draining) return; // it can't come back here, so it is on its way to another instance
      this.#rooms.log.info({ room: room.id, peer: id }, 'peer left: its grace has ended');
      this.enter(room.id).writer.submit({
        change: (draft) => {
          const entry = draft.get(id);
          if (entry?.conn === conn && entry.away > 0) draft.delete(id);
        },
      });
    }, away - Date.now());
  }

  /** A room has changed: those instances are to read it; and its chat too, if that may be `anew`. */
  changed(room: Room, instances: Iterable<string>, anew = false): void {
    for (const instance of instances) {
      if (instance === this.instance) continue;
      // If it can't be told, the whole room is told again when the others can be reached.
      this.cluster.send(instance, { is: 'room', room: room.id, anew }).catch(() => {});
    }
  }

  /** Nothing is to be done for a room any more, for now. */
  settled(room: Room): void {
    this.#rooms.happenings.settled(room);
    const known = this.#known.get(room.id);
    if (room.own > 0 || known?.room !== room || !known.writer.idle) return;
    known.writer.stop();
    known.feed.stop();
    // Those of other instances, of whom nothing is heard from now on.
    for (const { entry } of room.peers.values()) this.#rooms.census.count(room, entry, undefined);
    this.#known.delete(room.id);
  }

  /** A room could not be written, and it is not that the others can't be reached. */
  failed(room: Room, error: unknown): void {
    this.#rooms.log.error({ err: error, room: room.id }, 'room not written');
  }

  /** Resolves when no room is being written. */
  async whenIdle(): Promise<void> {
    await Promise.all(
      Array.from(this.#known.values(), ({ writer }) => new Promise<void>((done) => writer.whenIdle(done))),
    );
  }

  /** Nobody's grace is waited for any more. */
  stop(): void {
    for (const { room, writer, feed } of this.#known.values()) {
      writer.stop();
      feed.stop();
      for (const peer of room.peers.values()) clearTimeout(peer.graceTimer);
    }
  }
}
