import { randomUUID } from 'node:crypto';
import type { Entry, RoomRecord } from '../cluster/cluster.ts';
import type { ChatFeed } from './chat-feed.ts';
import type { KnownRooms } from './known-rooms.ts';
import { draftOf, type Pending, seatingsOf } from './pending.ts';
import { reconcile } from './reconcile.ts';
import type { Room } from './room.ts';

/** How long the peers of a room that was lost have to be written again by their instances, ms. */
const RETURN_WITHIN = 10_000;
/** When a room is read again after it could not be written, ms. */
const RETRY_AFTER = 1_000;
/** How often a room is tried again if others keep changing it in between. */
const MOST_TRIES = 100;

/** Most rooms never have any of these: an empty map of each room's own would be a tenth of an idle peer. */
const NOTHING: ReadonlyMap<string, Entry | undefined> = new Map();
const NOBODY: ReadonlySet<string> = new Set();

/**
 * Makes the changes of one room, in batches and one batch at a time. One instance alone makes them at once.
 * Among many a batch is written for all first, on the condition that the room is still the one that it was
 * decided on; if it is not, what happened elsewhere is told here, and the batch is decided anew. That is one state
 * machine, with or without the others, and so one class.
 */
export class Writer {
  readonly #room: Room;
  readonly #feed: ChatFeed;
  readonly #known: KnownRooms;
  #queue: Pending[] = [];
  #toWrite: ReadonlyMap<string, Entry | undefined> = NOTHING;
  /** Those that answer for somebody by the record that was read last. */
  #others: ReadonlySet<string> = NOBODY;
  #stale = false;
  /** The others are to read it even if nothing is written. */
  #tell = false;
  #busy = false;
  /** The others may not know the whole chat: their record was lost, or this instance was an island. */
  #unsaved = false;
  /** Something was changed here that the others do not know. */
  #unwritten = false;
  /** Something of it may have been written, whether that is known or not. */
  #tried = false;
  #later: (() => void)[] = [];
  #again: NodeJS.Timeout | undefined;

  constructor(room: Room, feed: ChatFeed, known: KnownRooms) {
    this.#room = room;
    this.#feed = feed;
    this.#known = known;
  }

  /** Whether nothing is under way, and nothing has still to be written. */
  get idle(): boolean {
    return !this.#busy && this.#queue.length === 0 && !this.#stale && (!this.#unwritten || this.#isUnheardOf);
  }

  /** Whether it began and ended while the others could not be reached. */
  get #isUnheardOf(): boolean {
    return !this.#tried && this.#room.version === '' && this.#room.peers.size === 0;
  }

  submit(pending: Pending): void {
    this.#queue.push(pending);
    this.#turn();
  }

  /** Reads the room again. `tell`: the others may have missed something too. */
  refresh(tell = false): void {
    this.#stale = true;
    this.#tell ||= tell;
    this.#turn();
  }

  /** Does something once no batch is under way: who is about to get a place is not to miss it. */
  whenIdle(act: () => void): void {
    if (this.#busy) this.#later.push(act);
    else act();
  }

  stop(): void {
    clearTimeout(this.#again);
  }

  #turn(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { state } = this.#known.cluster;
    if (state === 'up') return void this.#together();
    try {
      this.#alone(state === 'off');
    } finally {
      this.#rest();
    }
  }

  /** With the others; without them, if they can't be reached. */
  async #together(): Promise<void> {
    try {
      await this.#write();
    } catch (error) {
      if ((error as Error).name !== 'ClusterDown') this.#known.failed(this.#room, error);
      this.#alone(false);
      this.#readAgain(RETRY_AFTER);
    } finally {
      this.#rest();
    }
  }

  #rest(): void {
    this.#busy = false;
    for (const act of this.#later.splice(0)) act();
    if (this.#queue.length > 0 || this.#stale) this.#turn();
    else this.#known.settled(this.#room);
  }

  /** Without the others: all that is known here is all there is. */
  #alone(written: boolean): void {
    const room = this.#room;
    this.#stale = false;
    while (this.#queue.length > 0) {
      const batch = this.#queue.filter(({ failed }) => written || !failed);
      for (const { failed } of this.#queue.splice(0)) if (!written) failed?.();
      const { changes } = draftOf(room, batch);
      room.apply(changes, seatingsOf(batch));
      if (!written && changes.size > 0) {
        this.#unwritten = true;
        mark(room, changes.keys(), false);
      }
      for (const { done } of batch) done?.();
    }
  }

  async #write(): Promise<void> {
    const room = this.#room;
    const { cluster } = this.#known;
    const batch: Pending[] = [];
    try {
      for (let tries = 0; ; tries++) {
        if (tries > MOST_TRIES) throw new Error('others change the room too often');
        if (this.#stale || this.#unwritten) {
          this.#stale = false;
          this.#take(await cluster.read(room.id));
          this.#unwritten = false;
        }
        batch.push(...this.#queue.splice(0));
        const draft = draftOf(room, batch);
        const changes = new Map(this.#toWrite);
        for (const [id, { entry }] of draft.changes) changes.set(id, entry);
        if (changes.size === 0) {
          if (this.#tell) this.#known.changed(room, room.instances(), true);
          break;
        }
        // Before its peers are there again: from then on it counts as known what this instance knew.
        if (this.#unsaved) await this.#feed.save();
        this.#unsaved = false;
        const { id, version, createdAt } = room;
        const born = version === '' || room.born === '' ? randomUUID() : room.born;
        // Who takes a peer back from another instance knows no more that it was there.
        const before = new Set([...room.instances(), ...this.#others]);
        const instances = room.instances(changes);
        this.#tried = true;
        const result = await cluster.commit({ room: id, version, born, createdAt, changes, instances });
        if ('entries' in result) {
          this.#take(result);
          continue;
        }
        room.version = result.version;
        room.born = born;
        mark(room, this.#toWrite.keys(), true);
        this.#toWrite = NOTHING;
        this.#others = NOBODY;
        const seatings = seatingsOf(batch);
        if (seatings.size > 0) await this.#feed.load(seatings.values());
        room.apply(draft.changes, seatings);
        this.#known.changed(room, new Set([...before, ...instances]), this.#tell);
        break;
      }
      this.#tell = false;
      for (const { done } of batch) done?.();
    } catch (error) {
      this.#queue.unshift(...batch);
      throw error;
    }
  }

  /** What happened elsewhere is told here; what happened here alone is to be written. */
  #take(record: RoomRecord): void {
    const room = this.#room;
    const { toApply, toWrite, missing } = reconcile(room, record, this.#known.cluster.instance);
    this.#unsaved ||= this.#unwritten || room.born !== record.born;
    room.version = record.version;
    room.born = record.born;
    if (record.version !== '') room.createdAt = Math.min(room.createdAt, record.createdAt);
    this.#toWrite = toWrite;
    // Until it is: if others change the room first, it is looked at once more.
    mark(room, toWrite.keys(), false);
    this.#others = new Set(Array.from(record.entries.values(), ({ instance }) => instance));
    const now = Date.now();
    for (const id of missing) {
      const peer = room.peers.get(id)!;
      peer.lostUntil ||= now + RETURN_WITHIN;
      if (now >= peer.lostUntil) toApply.set(id, { entry: undefined, code: undefined });
    }
    mark(room, record.entries.keys(), true);
    room.apply(toApply);
    if (missing.some((id) => room.peers.has(id))) this.#readAgain(RETURN_WITHIN + 100);
  }

  #readAgain(ms: number): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.refresh(), ms);
  }
}

/** Notes whether the others know of these peers. */
function mark({ peers }: Room, ids: Iterable<string>, written: boolean): void {
  for (const id of ids) {
    const peer = peers.get(id);
    if (!peer) continue;
    peer.written = written;
    if (written) peer.lostUntil = 0;
  }
}
