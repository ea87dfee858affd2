import { decodeNotes } from './link.ts';
import type { RedisCluster } from './redis.ts';
import { EMPTY } from './scripts.ts';

/** An instance that was not heard for this long is dead, ms. */
export const LEASE = 5_000;

/** Takes over what dead instances leave behind: their peers, and what was said to them. */
export class TakeOver {
  readonly #cluster: RedisCluster;
  /** Dead instances whose peers are being taken over. */
  readonly #dying = new Set<string>();

  constructor(cluster: RedisCluster) {
    this.#cluster = cluster;
  }

  /** Of the living the one with the least name takes over from the dead. */
  bury(): void {
    const { members, instance: own, log } = this.#cluster;
    const alive = members.filter(({ age }) => age < LEASE).map(({ instance }) => instance);
    if (alive.some((instance) => instance < own)) return;
    for (const { instance, age } of members) {
      if (age < LEASE || this.#dying.has(instance)) continue;
      this.#dying.add(instance);
      this.#takeOver(instance)
        .catch((err) => log.warn({ err, instance }, 'not taken over yet'))
        .finally(() => this.#dying.delete(instance));
    }
  }

  /** Takes an instance out, once it has no peers any more. `since`: what it has read of its inbox. */
  async forget(instance: string, since = '0-0'): Promise<void> {
    const { keys } = this.#cluster;
    await this.#answerFor(instance, since);
    const rooms = keys.rooms(instance);
    await this.#cluster.run(rooms, ['DEL', rooms]);
    await this.#cluster.run(keys.instances, ['HDEL', keys.instances, instance]);
  }

  async #takeOver(instance: string): Promise<void> {
    const key = this.#cluster.keys.rooms(instance);
    const rooms = (await this.#cluster.run(key, ['SMEMBERS', key])) as string[];
    await this.#cluster.owner?.died(instance, rooms);
    await this.forget(instance);
    this.#cluster.forget(instance);
  }

  /** What an instance that is no more has not read could not be delivered, and its senders are told. */
  async #answerFor(instance: string, since: string): Promise<void> {
    const inbox = this.#cluster.keys.inbox(instance);
    for (let position = since; ; ) {
      const entries = (await this.#cluster.eval(EMPTY, [inbox], [position])) as [string, string[]][];
      if (entries.length === 0) return;
      const told: Promise<void>[] = [];
      for (const [id, fields] of entries) {
        position = id;
        const [, from, , n] = fields;
        if (from === undefined || n === undefined) continue;
        for (const note of decodeNotes(fields)) {
          if (note.is === 'remove') this.#cluster.owner?.received(note, from); // its peer is this instance's now
          if (note.is !== 'to' || note.from.quiet) continue;
          const { room, to, from: sender } = note;
          told.push(this.#cluster.send(from, { is: 'back', room, to, from: sender }));
        }
      }
      await Promise.allSettled(told);
    }
  }
}
