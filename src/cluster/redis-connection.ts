import { setTimeout as delay } from 'node:timers/promises';
import { ClusterDown } from './cluster.ts';
import { inTime, NoAnswer } from './in-time.ts';
import { type Client, destroy, dial } from './redis-client.ts';
import type { Script } from './scripts.ts';

/** How long a command has, the time for a new connection and a second try included, ms. */
export const DEADLINE = 1_000;
/** Between two tries to connect, ms: at random up to this, which doubles. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;
/** When a connection that mends itself is tried again, ms. */
const MENDED_AFTER = 10;

/** A connection to Redis that comes back: every command is answered, or fails, within its time. */
export class RedisConnection {
  readonly #urls: readonly string[];
  /** Is told how long each command took, seconds. */
  observe: ((seconds: number) => void) | undefined;
  #client: Client | undefined;
  #dialing: Promise<Client> | undefined;
  #attempt = 0;
  /** When it came up, or Redis answered last, ms. */
  #heardAt = 0;
  #closed = false;

  /** @param urls ways to the same Redis */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /**
   * Sends a command; once more if the connection breaks. So it may be carried out twice.
   *
   * @throws ClusterDown if it was refused, or not answered in time
   */
  async run(key: string, args: string[], deadline = DEADLINE): Promise<unknown> {
    const until = performance.now() + deadline;
    for (;;) {
      let client: Client | undefined;
      try {
        client = await inTime(this.#connected(), until);
        const sentAt = performance.now();
        const answer = await inTime(client.send(key, args), until);
        this.#heardAt = performance.now();
        this.observe?.((this.#heardAt - sentAt) / 1000);
        return answer;
      } catch (error) {
        const failure = error as Error;
        // One that took its time to come up has not had enough to answer: a slow Redis is not a dead one.
        const slow = failure instanceof NoAnswer && performance.now() - this.#heardAt < deadline;
        const mends = client?.mends && performance.now() < until;
        if (mends && !isAnswer(failure)) await delay(MENDED_AFTER);
        else if (client && !isAnswer(failure) && !slow) this.#drop(client);
        // A replica that was the master, as a rule: the next connection leads to the new one.
        if (client && /^(READONLY|MASTERDOWN)/.test(failure.message)) this.#drop(client);
        if (isAnswer(failure) || this.#closed || performance.now() >= until)
          throw new ClusterDown(failure.message, { cause: failure });
      }
    }
  }

  /** Runs a script, which Redis learns when it does not know it yet. */
  async eval({ text, sha }: Script, keys: string[], args: string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.run(keys[0]!, ['EVALSHA', sha, ...rest]);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return this.run(keys[0]!, ['EVAL', text, ...rest]);
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#client) this.#drop(this.#client);
  }

  #connected(): Promise<Client> {
    if (this.#closed) return Promise.reject(new Error('the connection is closed'));
    if (this.#client) return Promise.resolve(this.#client);
    this.#dialing ??= this.#dial().finally(() => {
      this.#dialing = undefined;
    });
    return this.#dialing;
  }

  /** The first try is at once; then with full jitter, as all instances lose their Redis at the same moment. */
  async #dial(): Promise<Client> {
    const attempt = this.#attempt++;
    if (attempt > 0) {
      const range = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempt, 10));
      await delay(Math.random() * range, undefined, { ref: false });
    }
    let client: Client | undefined;
    let broken = false;
    client = await dial(this.#urls, () => {
      broken = true;
      if (client) this.#drop(client);
    });
    if (broken || this.#closed) {
      destroy(client);
      throw new Error('the connection broke at once');
    }
    this.#attempt = 0;
    this.#heardAt = performance.now();
    this.#client = client;
    return client;
  }

  /** What is still under way on it may be carried out, but its answer is nobody's any more. */
  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    destroy(client);
  }
}

/** Whether Redis has answered, if only with an error; all else is a fault on the way. */
function isAnswer(error: Error): boolean {
  return /^[A-Z]{2,}[A-Z]* /.test(error.message);
}
