import type { Entry } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import type { Rooms } from './rooms.ts';

/** Rooms that are read anew at a time, so that what is going on is not held up. */
const AT_ONCE = 32;
/** How long an instance that nobody knows may answer for peers, ms: it may have begun just now. */
const UNKNOWN_FOR = 10_000;

/** Makes the rooms right again: after the others could not be reached for a while, and after one has died. */
export class Recovery {
  readonly #rooms: Rooms;
  /** Since when instances answer for peers that are not among the others, ms. */
  #unknown = new Map<string, number>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** One that died before it could say in which rooms it has peers is taken over by whoever meets them. */
  heard(): void {
    const { cluster, census, known } = this.#rooms;
    const members = new Set(cluster.members.map(({ instance }) => instance));
    const before = this.#unknown;
    const now = performance.now();
    this.#unknown = new Map();
    for (const holder of census.holders) {
      if (members.has(holder) || cluster.state !== 'up') continue;
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

  /** Reads every room anew. */
  async resync(): Promise<void> {
    const { cluster, known } = this.#rooms;
    const rooms = [...known];
    for (let at = 0; at < rooms.length && cluster.state === 'up'; at += AT_ONCE) {
      await Promise.all(
        rooms.slice(at, at + AT_ONCE).map(async ({ writer, feed }) => {
          // Its chat first: who finds the room again is to find it under the name that others know already.
          await feed.save().catch(() => {});
          writer.refresh(true);
          await new Promise<void>((resolve) => writer.whenIdle(resolve));
          await feed.catchUp().catch(() => {});
        }),
      );
    }
  }

  /** Takes over the peers of an instance in these rooms. */
  async died(instance: string, rooms: readonly string[]): Promise<void> {
    this.#rooms.log.warn({ instance, rooms: rooms.length }, 'an instance has died');
    for (let at = 0; at < rooms.length; at += AT_ONCE) {
      const some = rooms.slice(at, at + AT_ONCE);
      await Promise.all(some.map((room) => this.#takeOver(room, instance)));
    }
  }

  /** The peers of a dead instance: plain ones have left, the others may come back within their grace. */
  #takeOver(roomId: string, dead: string): Promise<void> {
    const { known, graceMs, instance, happenings } = this.#rooms;
    const { room, writer } = known.enter(roomId);
    let lost: Entry[] = [];
    const until = Date.now() + graceMs;
    writer.refresh();
    return new Promise((done, reject) => {
      writer.submit({
        change: (draft) => {
          lost = [];
          for (const entry of [...draft.entries()]) {
            if (entry.instance !== dead) continue;
            const stays = entry.dialect === 'v1' && graceMs > 0;
            if (!stays) {
              draft.delete(entry.id, CloseCode.Restart);
              lost.push(entry);
            } else draft.set({ ...entry, instance, away: entry.away || until });
          }
        },
        done: () => {
          for (const entry of lost) happenings.left(room, entry);
          done();
        },
        failed: () => reject(new Error(`the room can not be written: ${roomId}`)),
      });
    });
  }
}
