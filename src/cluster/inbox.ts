import { setTimeout as delay } from 'node:timers/promises';
import { decodeNotes } from './link.ts';
import type { RedisCluster } from './redis.ts';
import type { RedisConnection } from './redis-connection.ts';

/** How long one that nobody reads is kept, seconds. */
const LIFE = 3_600;
/** How long a read waits for something to come, ms; and how much longer for its answer. */
const BLOCK = 1_000;
const GRACE = 1_000;
/** Entries of one read at most. */
const MOST_ENTRIES = 100;
/** After a read that failed, ms: at random up to this. */
const PAUSE = 200;

/**
 * What the others tell this instance: a stream with one reader, on a connection of its own, as a read blocks.
 * A reader that lost its connection goes on where it was.
 */
export class Inbox {
  readonly #cluster: RedisCluster;
  readonly #connection: RedisConnection;
  readonly #key: string;
  /** The last number that came from each instance. */
  readonly #numbers = new Map<string, number>();
  /** The entry that was read last. */
  position = '0-0';
  /** Is told how long notes were under way, seconds; as far as both clocks agree. */
  observe: ((seconds: number) => void) | undefined;
  #stopped = false;

  constructor(cluster: RedisCluster, connection: RedisConnection) {
    this.#cluster = cluster;
    this.#connection = connection;
    this.#key = cluster.keys.inbox(cluster.instance);
  }

  /** Makes the stream. */
  async open(commands: RedisConnection): Promise<void> {
    await Promise.all([
      commands.run(this.#key, ['XADD', this.#key, '*', 'open', '1']),
      commands.run(this.#key, ['EXPIRE', this.#key, String(LIFE)]),
    ]);
  }

  /**
   * Drops what was read, to the entry: what is left counts as unread, if this instance dies.
   *
   * @returns whether the stream is there at all: of a cluster one node may have lost its memory
   */
  async trim(commands: RedisConnection): Promise<boolean> {
    const [ms, n] = this.position.split('-');
    const [, exists] = await Promise.all([
      commands.run(this.#key, ['XTRIM', this.#key, 'MINID', `${ms}-${Number(n) + 1}`]),
      commands.run(this.#key, ['EXPIRE', this.#key, String(LIFE)]),
    ]);
    return exists === 1;
  }

  async read(): Promise<void> {
    const command = ['XREAD', 'COUNT', String(MOST_ENTRIES), 'BLOCK', String(BLOCK), 'STREAMS', this.#key];
    while (!this.#stopped) {
      try {
        const reply = await this.#connection.run(this.#key, [...command, this.position], BLOCK + GRACE);
        if (this.#stopped) return; // it is still unread, then
        const [[, entries] = []] = (reply ?? []) as [string, [string, string[]][]][];
        for (const [id, fields] of entries ?? []) this.#take(id, fields);
      } catch {
        if (!this.#stopped) await delay(Math.random() * PAUSE, undefined, { ref: false });
      }
    }
  }

  /** Nothing comes from a dead instance any more. */
  forget(instance: string): void {
    this.#numbers.delete(instance);
  }

  stop(): void {
    this.#stopped = true;
  }

  #take(id: string, fields: string[]): void {
    this.position = id;
    const [, from, , n] = fields;
    if (from === undefined || n === undefined) return; // the entry that made the stream
    const number = Number(n);
    const last = this.#numbers.get(from) ?? number - 1;
    if (number <= last) return; // a repetition
    this.#numbers.set(from, number);
    this.observe?.(Math.max(0, Date.now() - Number.parseInt(id, 10)) / 1000);
    const { owner, log } = this.#cluster;
    if (number > last + 1) owner?.resync();
    for (const note of decodeNotes(fields)) {
      try {
        owner?.received(note, from);
      } catch (err) {
        log.error({ err }, 'a note of another instance failed');
      }
    }
  }
}
