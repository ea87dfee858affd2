/** One chat message to a room, as it went out. */
interface Kept {
  seq: number;
  frame: Buffer;
  /** Who sent it under which `id`; undefined if it had none. */
  key: string | undefined;
}

/** Bytes that the histories of all rooms may take together; over that the quietest room's go first. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Rooms whose chat is remembered at most; over that the quietest are forgotten. */
const MOST_LOGS = 20_000;

/** The chat of one room: its numbers, and its last messages. */
export class ChatLog {
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

  /** Forgets the oldest messages until no more than `most` are left. */
  trim(most: number): void {
    for (const { frame } of this.kept.splice(0, Math.max(0, this.kept.length - most))) {
      this.bytes -= frame.length;
    }
  }
}

/** The chats of all rooms; they outlive their rooms for a while, so that who comes back can read on. */
export class ChatLogs {
  /** The quietest room first. */
  readonly #logs = new Map<string, ChatLog>();
  readonly #most: number;
  readonly #ttlMs: number;
  #bytes = 0;

  /**
   * @param most messages that are kept of one room; 0: none
   * @param ttlSeconds how long after the last one
   */
  constructor(most: number, ttlSeconds: number) {
    this.#most = most;
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

  /**
   * Numbers a message and keeps it.
   *
   * @param build makes the frame of the number
   */
  add(
    room: string,
    log: ChatLog,
    key: string | undefined,
    now: number,
    build: (seq: number) => Buffer,
  ): Buffer {
    this.#forgetOld(log, now);
    const frame = build(++log.seq);
    log.lastAt = now;
    // Last in the order of the map: the liveliest.
    this.#logs.delete(room);
    this.#logs.set(room, log);
    if (this.#most > 0) {
      log.kept.push({ seq: log.seq, frame, key });
      log.bytes += frame.length;
      this.#bytes += frame.length;
      this.#shrink(log, this.#most);
    }
    this.#makeRoom(now);
    return frame;
  }

  #forgetOld(log: ChatLog, now: number): void {
    if (now - log.lastAt > this.#ttlMs) this.#shrink(log, 0);
  }

  #shrink(log: ChatLog, most: number): void {
    const before = log.bytes;
    log.trim(most);
    this.#bytes -= before - log.bytes;
  }

  #makeRoom(now: number): void {
    for (const [room, log] of this.#logs) {
      const old = now - log.lastAt > this.#ttlMs;
      const tooMany = this.#logs.size > MOST_LOGS;
      if (!old && !tooMany && this.#bytes <= MOST_BYTES) return;
      this.#shrink(log, 0);
      if (old || tooMany) this.#logs.delete(room);
    }
  }
}
