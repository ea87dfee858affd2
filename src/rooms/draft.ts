import type { Entry } from '../cluster/cluster.ts';
import type { CloseCode } from '../protocol/codes.ts';
import type { Room } from './room.ts';

/** What becomes of one place: its new entry, or none; and how a socket that loses it is closed (1006: ended). */
export interface Change {
  entry: Entry | undefined;
  code: CloseCode | 1006 | undefined;
}

/** A room as it would be after some changes that are not written yet. */
export class Draft {
  readonly changes = new Map<string, Change>();
  readonly #room: Room;
  #size: number;
  #last: number;

  constructor(room: Room) {
    this.#room = room;
    this.#size = room.peers.size;
    this.#last = room.lastNumber;
  }

  /** Peers that it would have. */
  get size(): number {
    return this.#size;
  }

  /** The place in the order of joining that comes next. */
  get nextNumber(): number {
    return this.#last + 1;
  }

  get(id: string): Entry | undefined {
    const change = this.changes.get(id);
    return change ? change.entry : this.#room.peers.get(id)?.entry;
  }

  /** Its peers. */
  *entries(): Generator<Entry> {
    for (const [id, { entry }] of this.#room.peers) if (!this.changes.has(id)) yield entry;
    for (const { entry } of [...this.changes.values()]) if (entry) yield entry;
  }

  /** @param code how the socket of another session that had the place is closed */
  set(entry: Entry, code?: CloseCode | 1006): void {
    if (!this.get(entry.id)) this.#size++;
    this.#last = Math.max(this.#last, entry.n);
    this.changes.set(entry.id, { entry, code });
  }

  /** @param code how its socket is closed, if it is open still */
  delete(id: string, code?: CloseCode | 1006): void {
    if (this.get(id)) this.#size--;
    this.changes.set(id, { entry: undefined, code });
  }
}
