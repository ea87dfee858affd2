import type { Entry, Figures } from '../cluster/cluster.ts';
import { isCanaryRoom } from '../protocol/ids.ts';
import type { Room } from './room.ts';
import { SortedIds } from './sorted-ids.ts';

/** A room in a listing. */
export interface RoomSummary {
  id: string;
  peerCount: number;
  /** ISO 8601. */
  createdAt: string;
}

/** Counts the peers and rooms of this instance. */
export class Census {
  readonly #instance: string;
  readonly #ids = new SortedIds();
  /** How many of the known peers each instance answers for. */
  readonly #holders = new Map<string, number>();
  #peers = 0;
  #canaries = 0;
  #away = 0;
  #listed = 0;

  constructor(instance: string) {
    this.#instance = instance;
  }

  /** Rooms that this instance lists: of those that are on several, the one of their oldest peer does. */
  get rooms(): number {
    return this.#listed;
  }

  /** All peers that this instance answers for, those that are away too; canaries are no peers. */
  get peers(): number {
    return this.#peers - this.#canaries;
  }

  /** The same with the canaries, who need their places too. */
  get seats(): number {
    return this.#peers;
  }

  /** Those who have lost their connection and may come back. */
  get away(): number {
    return this.#away;
  }

  /** The same figures, for the other instances. */
  figures(): Figures {
    return { peers: this.peers, away: this.#away, rooms: this.#listed };
  }

  /** The instances that answer for the peers of the known rooms. */
  get holders(): Iterable<string> {
    return this.#holders.keys();
  }

  /** Ids of up to `limit` rooms that this instance lists, in their order, from behind `after`. */
  page(after: string | undefined, limit: number): string[] {
    return this.#ids.page(after, limit);
  }

  /** A peer's entry is another one: `before` or `after` is undefined if it came or went. */
  count(room: Room, before: Entry | undefined, after: Entry | undefined): void {
    const canary = isCanaryRoom(room.id);
    if (before) this.#add(-1, before, room, canary);
    if (after) this.#add(1, after, room, canary);
    if (canary) return;
    const [oldest] = room.peers.values();
    const listed = oldest?.entry.instance === this.#instance;
    if (listed === room.listed) return;
    room.listed = listed;
    this.#listed += listed ? 1 : -1;
    if (listed) this.#ids.add(room.id);
    else this.#ids.remove(room.id);
  }

  #add(by: 1 | -1, entry: Entry, room: Room, canary: boolean): void {
    const held = (this.#holders.get(entry.instance) ?? 0) + by;
    if (held > 0) this.#holders.set(entry.instance, held);
    else this.#holders.delete(entry.instance);
    if (entry.instance !== this.#instance) return;
    this.#peers += by;
    room.own += by;
    if (canary) this.#canaries += by;
    else if (entry.away > 0) this.#away += by;
  }
}
