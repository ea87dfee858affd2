import { ClusterDown, type History, type Post, type Posted } from './cluster.ts';
import type { RedisCluster, RedisOptions } from './redis.ts';
import { HISTORY, POST, RESTORE } from './scripts.ts';

/** Messages that are kept though no history is wanted, and for how long, seconds: to tell repetitions by. */
const LEAST_KEPT = 20;
const LEAST_LIFE = 60;
/** How long the last number of a chat is remembered at least, seconds. */
const NUMBER_LIFE = 7 * 86_400;

/** The chats of all rooms, as Redis keeps them. */
export class RedisChat {
  readonly #cluster: RedisCluster;
  /** What is kept of each. */
  readonly #limits: string[];

  constructor(cluster: RedisCluster, { chatHistory, chatBytes, chatTtlSeconds }: RedisOptions) {
    this.#cluster = cluster;
    const life = chatHistory > 0 ? Math.max(1, Math.ceil(chatTtlSeconds)) : LEAST_LIFE;
    const limits = [chatHistory || LEAST_KEPT, chatBytes, life, Math.max(life, NUMBER_LIFE)];
    this.#limits = limits.map(String);
  }

  /** @param deadline when it is too late to number it, by Redis' clock, ms */
  async post(
    { room, key, head, tail, seq, log, instances }: Post,
    deadline: number,
  ): Promise<Posted | undefined> {
    const until = String(Math.floor(deadline));
    const args = [key, head, tail, String(seq), log, ...this.#limits, instances.join(','), until];
    const reply = await this.#cluster.eval(POST, this.#cluster.keys.chat(room), args);
    if (reply === 0) throw new ClusterDown('redis got it too late');
    if (reply === null) return undefined;
    const [given, frame, told] = reply as [string, string, string];
    return { seq: Number(given), frame, instances: told === '' ? [] : told.split(',') };
  }

  async history(room: string, since: number): Promise<History> {
    const reply = await this.#cluster.eval(HISTORY, this.#cluster.keys.chat(room), [String(since)]);
    const [log, seq, entries] = reply as [string, string, [string, string[]][]];
    const messages = entries.map(([id, [, key = '', , frame = '']]) => ({
      seq: Number.parseInt(id, 10),
      key,
      frame,
    }));
    return { log, seq: Number(seq), messages };
  }

  async restore(room: string, { log, seq, messages }: History): Promise<void> {
    // Without a name a message can't be told from its repetition; its number will do here.
    const fields = messages.flatMap((one) => [String(one.seq), one.key || `${log}.${one.seq}`, one.frame]);
    const args = [log, String(seq), ...this.#limits, ...fields];
    await this.#cluster.eval(RESTORE, this.#cluster.keys.chat(room), args);
  }
}
