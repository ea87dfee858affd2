import type { RoomRecord, Write } from './cluster.ts';
import { encodeEntry, recordOf } from './records.ts';
import type { RedisCluster } from './redis.ts';
import { COMMIT } from './scripts.ts';

/** Rooms that are named at a time. */
const AT_ONCE = 500;

/** All rooms, as Redis keeps them; and in which of them this instance has peers, for the one who takes over. */
export class RedisRooms {
  readonly #cluster: RedisCluster;
  /** Rooms with peers of this instance, as Redis knows them. */
  readonly #own = new Set<string>();
  #writes = 0;

  constructor(cluster: RedisCluster) {
    this.#cluster = cluster;
  }

  async read(room: string): Promise<RoomRecord> {
    const key = this.#cluster.keys.room(room);
    return recordOf((await this.#cluster.run(key, ['HGETALL', key])) as string[]);
  }

  async commit(write: Write): Promise<{ version: string } | RoomRecord> {
    const { room, version, born, createdAt, changes, instances } = write;
    const { instance, keys } = this.#cluster;
    const next = `${instance}.${++this.#writes}`;
    const fields = [...changes].flatMap(([id, entry]) => [`p${id}`, entry ? encodeEntry(entry) : '']);
    const args = [version, next, born, String(createdAt), instances.join(','), ...fields];
    const stays = instances.includes(instance);
    const [reply] = await Promise.all([
      this.#cluster.eval(COMMIT, [keys.room(room)], args),
      stays && !this.#own.has(room) ? this.enrol([room]) : undefined,
    ]);
    if (Array.isArray(reply)) return recordOf(reply);
    if (!stays && this.#own.delete(room)) {
      const key = keys.rooms(instance);
      // Left behind it costs the one who takes over a look into a room that has nobody of ours.
      this.#cluster.run(key, ['SREM', key, room]).catch(() => {});
    }
    return { version: instances.length === 0 ? '' : next };
  }

  /** Says that this instance has peers in these rooms; in all that it knew of, if Redis may have lost that. */
  async enrol(rooms = [...this.#own]): Promise<void> {
    const key = this.#cluster.keys.rooms(this.#cluster.instance);
    for (let at = 0; at < rooms.length; at += AT_ONCE) {
      const some = rooms.slice(at, at + AT_ONCE);
      await this.#cluster.run(key, ['SADD', key, ...some]);
      for (const room of some) this.#own.add(room);
    }
  }
}
