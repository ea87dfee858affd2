import { randomUUID } from 'node:crypto';
import type { History } from '../cluster/cluster.ts';

/** One chat message to a room, as it went out. */
export interface Kept {
  seq: number;
  frame: Buffer;
  /** Who sent it under which `id`; undefined if it had none. */
  key: string | undefined;
}

/** Bytes of one room's history at most, in memory and in Redis. */
export const MOST_CHAT_BYTES = 512 * 1024;
/** Bytes that the histories of all rooms may take together; over that the quietest room's go first. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Once over that, so much is made free that the next messages need not look again. */
const ENOUGH_BYTES = 0.9 * MOST_BYTES;
/** What keeping a message costs beside its bytes, about. */
const OVERHEAD = 200;
/** Rooms whose chat is remembered at most; over that the quietest are forgotten. */
const MOST_LOGS = 20_000;

/** Begins the names of all logs of this process. */
const PROCESS = randomUUID().slice(0, 8);
let logs = 0;

/** The chat of one room: its numbers, and its last messages. */
export class ChatLog {
  /** Names this run of numbers: after a restart they begin anew, under another name. */
  id = `${PROCESS}.${++logs}`;
  /** The number of the last message. */
  seq = 0;
  /** When that was, milliseconds since 1970. */
  lastAt = 0;
  readonly kept: Kept[] = [];
  bytes = 0;

  /** The message that this sender sent under this `id`, if it is still kept. */
  find(key: string): Buffer | undefined {
    return this.kept.find((message) => message.key === key)?.frame;
  }

  /**
   * The messages after `since`, or all that are kept.
   *
   * @returns a JSON text: the messages, and whether none of those asked for is missing
   */
  after(since: number | undefined): string {
    const known = since !== undefined && since <= this.seq;
    const from = known ? this.kept.filter(({ seq }) => seq > since) : this.kept;
    const complete = since === undefined || (known && from.length === this.seq - since);
    return `{"messages":[${from.map(({ frame }) => frame.toString()).join(',')}],"complete":${complete}}`;
  }

  /** All that is kept, for the other instances. */
  history(): History {
    const messages = this.kept.map(({ seq, key = '', frame }) => ({ seq, key, frame: frame.toString() }));
    return { log: this.id, seq: this.seq, messages };
  }

  keep(message: Kept): void {
    this.kept.push(message);
    this.bytes += message.frame.length + OVERHEAD;
  }

  /** Forgets the oldest messages until no more than `most` are left, of no more than `mostBytes`. */
  trim(most: number, mostBytes: number): void {
    while (this.kept.length > most || this.bytes > mostBytes) {
      this.bytes -= this.kept.shift()!.frame.length + OVERHEAD;
    }
  }
}

/** The chats of all rooms; they outlive their rooms for a while, so that who comes back can read on. */
export class ChatLogs {
  /** The quietest room first. */
  readonly #logs = new Map<string, ChatLog>();
  readonly #most: number;
  readonly #ttlMs: number;
  readonly #mostBytes: number;
  #bytes = 0;

  /**
   * @param most messages that are kept of one room; 0: none
   * @param ttlSeconds how long after the last one
   * @param mostBytes of one room: its history has to fit into what is said to a newcomer
   */
  constructor(most: number, ttlSeconds: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
    this.#ttlMs = ttlSeconds * 1000;
  }

  /** What is remembered of a room: each room asks once, when it begins. */
  of(room: string): ChatLog {
    return this.#logs.get(room) ?? new ChatLog();
  }

  /** The messages after `since` as JSON text; see ChatLog. `now` in milliseconds since 1970. */
  read(log: ChatLog, since: number | undefined, now: number): string {
    this.#forgetOld(log, now);
    return log.after(since);
  }

  /** The message that this sender sent under this `id`, if it is still kept. */
  find(log: ChatLog, key: string, now: number): Buffer | undefined {
    this.#forgetOld(log, now);
    return log.find(key);
  }

  /** Numbers a message, and keeps it. @param build makes the frame of the number */
  add(
    room: string,
    log: ChatLog,
    key: string | undefined,
    now: number,
    build: (seq: number) => Buffer,
  ): Buffer {
    const seq = log.seq + 1;
    const frame = build(seq);
    this.keep(room, log, { seq, frame, key }, now);
    return frame;
  }

  /** Keeps a message that has the log's next number, or one after that. */
  keep(room: string, log: ChatLog, { seq, frame, key }: Kept, now: number): void {
    this.#forgetOld(log, now);
    log.seq = seq;
    log.lastAt = now;
    // Last in the order of the map: the liveliest.
    this.#logs.delete(room);
    this.#logs.set(room, log);
    if (this.#most > 0) {
      // A copy of its own: the frame's memory is shared with others, and would keep all of them.
      const own = Buffer.allocUnsafeSlow(frame.length);
      own.set(frame);
      const before = log.bytes;
      log.keep({ seq, frame: own, key });
      this.#bytes += log.bytes - before;
      this.#shrink(log, this.#most);
    }
    this.#makeRoom(now);
  }

  /** Forgets what is kept of a room, in favour of what others have kept. */
  reset(log: ChatLog): void {
    this.#shrink(log, 0);
  }

  #forgetOld(log: ChatLog, now: number): void {
    if (now - log.lastAt > this.#ttlMs) this.#shrink(log, 0);
  }

  #shrink(log: ChatLog, most: number): void {
    const before = log.bytes;
    log.trim(most, this.#mostBytes);
    this.#bytes -= before - log.bytes;
  }

  #makeRoom(now: number): void {
    const most = this.#bytes > MOST_BYTES ? ENOUGH_BYTES : MOST_BYTES;
    for (const [room, log] of this.#logs) {
      const old = now - log.lastAt > this.#ttlMs;
      const tooMany = this.#logs.size > MOST_LOGS;
      if (!old && !tooMany && this.#bytes <= most) return;
      this.#shrink(log, 0);
      if (old || tooMany) this.#logs.delete(room);
    }
  }
}
