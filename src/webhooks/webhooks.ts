import type { Happening } from '../rooms/happening.ts';
import { backoff } from './backoff.ts';
import { sign } from './signature.ts';

/** Requests that are under way at a time. */
const AT_ONCE = 8;
/** How long the receiver has to answer, ms. */
const ANSWER_WITHIN = 5_000;
/** A message that could not be delivered for this long is dropped, ms. */
const GIVE_UP_AFTER = 15 * 60_000;

interface Logger {
  warn(fields: object, message: string): void;
}

interface Message {
  id: string;
  body: string;
  /** When it came, ms on the monotonic clock. */
  at: number;
}

/** What waits for one room, the oldest first. */
interface Queue {
  room: string;
  messages: Message[];
  /** Those that failed for the first of them. */
  tries: number;
  timer?: NodeJS.Timeout | undefined;
}

/**
 * Tells a web server what happens in the rooms: signed, in order for each room, and again until it answers
 * with 2xx. What comes in only joins a queue, so that nobody waits for the receiver.
 */
export class Webhooks {
  /** What became of messages, and of requests that failed. */
  readonly counts = { delivered: 0, dropped: 0, failed: 0 };
  readonly #url: string;
  readonly #key: Buffer;
  readonly #log: Logger;
  readonly #most: number;
  readonly #queues = new Map<string, Queue>();
  /** Those whose first message may be sent now. */
  readonly #ready: Queue[] = [];
  readonly #cut = new AbortController();
  #waiting = 0;
  #busy = 0;
  #closing = false;
  #empty: (() => void) | undefined;
  /** Since the last delivery nobody has to be told twice that messages are dropped. */
  #toldOfDrop = false;

  /** @param most messages that wait, over all rooms; over that the newest are dropped */
  constructor(url: string, key: Buffer, log: Logger, most = 10_000) {
    this.#most = most;
    this.#url = url;
    this.#key = key;
    this.#log = log;
  }

  /** Messages that are not delivered yet. */
  get waiting(): number {
    return this.#waiting;
  }

  add({ type, room, entry }: Happening): void {
    if (this.#closing) return this.#drop(1, 'the server stops');
    if (this.#waiting >= this.#most) return this.#drop(1, 'too many wait');
    // The same on every instance: a receiver that is told twice knows it by the id.
    const id = `${type}:${entry.session}:${entry.at}`;
    const about = type.startsWith('peer') ? { peer: entry.id, session: entry.session } : {};
    const body = JSON.stringify({ id, type, time: new Date().toISOString(), room, ...about });
    const known = this.#queues.get(room);
    const message = { id, body, at: performance.now() };
    this.#waiting++;
    if (known) {
      known.messages.push(message);
      return;
    }
    const queue = { room, messages: [message], tries: 0 };
    this.#queues.set(room, queue);
    this.#ready.push(queue);
    // Not from within what is happening.
    queueMicrotask(() => this.#pump());
  }

  /** Has `ms` to deliver what waits, each message once more; the rest is dropped. */
  async close(ms: number): Promise<void> {
    this.#closing = true;
    for (const queue of this.#queues.values()) {
      if (!queue.timer) continue;
      clearTimeout(queue.timer);
      queue.timer = undefined;
      this.#ready.push(queue);
    }
    const emptied = new Promise<void>((resolve) => {
      this.#empty = resolve;
    });
    const late = setTimeout(() => this.#empty?.(), ms);
    this.#pump();
    if (this.#waiting > 0) await emptied;
    clearTimeout(late);
    if (this.#waiting > 0) this.#drop(this.#waiting, 'the server stops');
    this.#queues.clear();
    this.#ready.length = 0;
    this.#cut.abort();
  }

  #pump(): void {
    while (this.#busy < AT_ONCE && this.#ready.length > 0) void this.#deliver(this.#ready.shift()!);
  }

  async #deliver(queue: Queue): Promise<void> {
    this.#busy++;
    const done = await this.#post(queue.messages[0]!);
    this.#busy--;
    if (this.#cut.signal.aborted) return;
    if (done) {
      this.counts.delivered++;
      this.#toldOfDrop = false;
      queue.tries = 0;
      queue.messages.shift();
      this.#waiting--;
    } else {
      this.counts.failed++;
      queue.tries++;
      this.#giveUp(queue);
    }
    if (queue.messages.length === 0) this.#queues.delete(queue.room);
    else if (done) this.#ready.push(queue);
    else this.#later(queue);
    if (this.#waiting === 0) this.#empty?.();
    this.#pump();
  }

  #later(queue: Queue): void {
    queue.timer = setTimeout(() => {
      queue.timer = undefined;
      this.#ready.push(queue);
      this.#pump();
    }, backoff(queue.tries));
  }

  /** Drops what is too old; when the server stops, all that one failure stands before. */
  #giveUp(queue: Queue): void {
    const before = performance.now() - GIVE_UP_AFTER;
    const kept = this.#closing ? [] : queue.messages.filter(({ at }) => at > before);
    const lost = queue.messages.length - kept.length;
    queue.messages = kept;
    this.#waiting -= lost;
    if (lost > 0) this.#drop(lost, 'the receiver does not take them');
  }

  #drop(count: number, reason: string): void {
    this.counts.dropped += count;
    if (!this.#toldOfDrop) this.#log.warn({ count, reason }, 'webhooks dropped');
    this.#toldOfDrop = true;
  }

  /** @returns whether the receiver has taken it */
  async #post({ id, body }: Message): Promise<boolean> {
    const timestamp = Math.floor(Date.now() / 1000);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': sign(this.#key, id, timestamp, body),
    };
    const signal = AbortSignal.any([this.#cut.signal, AbortSignal.timeout(ANSWER_WITHIN)]);
    try {
      const answer = await fetch(this.#url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }
}
