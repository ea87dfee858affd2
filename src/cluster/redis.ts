import { randomBytes } from 'node:crypto';
import {
  type Cluster,
  ClusterDown,
  type ClusterOwner,
  type Figures,
  type History,
  type Member,
  type Note,
  type Observer,
  type Post,
  type Posted,
  type RoomRecord,
  type Write,
} from './cluster.ts';
import { Inbox } from './inbox.ts';
import { Keys } from './keys.ts';
import { Link, Undelivered } from './link.ts';
import { membersOf } from './records.ts';
import { RedisChat } from './redis-chat.ts';
import { DEADLINE, RedisConnection } from './redis-connection.ts';
import { RedisRooms } from './redis-rooms.ts';
import { BEAT, type Script } from './scripts.ts';
import { LEASE, TakeOver } from './take-over.ts';

/** How often an instance says that it is alive, ms. */
const BEAT_EVERY = 1_000;

/** How to join the others. */
export interface RedisOptions {
  /** Ways to the same Redis: the first that answers. */
  urls: readonly string[];
  /** Begins all keys. */
  prefix: string;
  /** Chat messages that are kept of one room, and their bytes at most. */
  chatHistory: number;
  chatBytes: number;
  chatTtlSeconds: number;
}

interface Logger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Many instances, joined by Redis: it holds the truth about who is in a room, instances hold sockets. Here is who
 * is alive, and whether Redis is; the rooms, the chats, the notes and the dead have files of their own.
 */
export class RedisCluster implements Cluster {
  readonly instance = randomBytes(6).toString('base64url');
  state: 'up' | 'down' = 'down';
  members: Member[] = [];
  readonly keys: Keys;
  readonly log: Logger;
  owner: ClusterOwner | undefined;
  readonly #commands: RedisConnection;
  readonly #reads: RedisConnection;
  readonly #inbox: Inbox;
  readonly #rooms: RedisRooms;
  readonly #chat: RedisChat;
  readonly #takeOver: TakeOver;
  readonly #links = new Map<string, Link>();
  #timer: NodeJS.Timeout | undefined;
  /** What Redis' clock is ahead of ours, ms; as if a beat and its answer took the same time. */
  #clock = 0;
  #upSince = 0;
  #beatAt = 0;
  /** The log says that Redis is away, and not yet that it is back. */
  #isMissed = false;
  #closed = false;

  constructor(options: RedisOptions, log: Logger) {
    this.keys = new Keys(options.prefix);
    this.log = log;
    this.#commands = new RedisConnection(options.urls);
    this.#reads = new RedisConnection(options.urls);
    this.#rooms = new RedisRooms(this);
    this.#chat = new RedisChat(this, options);
    this.#takeOver = new TakeOver(this);
    this.#inbox = new Inbox(this, this.#reads);
  }

  /** Connects, and waits for that for a second; without Redis it goes on alone, and tries again. */
  async connect(): Promise<void> {
    await this.#beat();
    void this.#inbox.read();
    this.#timer = setInterval(() => void this.#beat(), BEAT_EVERY);
  }

  start(owner: ClusterOwner): void {
    this.owner = owner;
  }

  observe({ command, lag }: Observer): void {
    this.#commands.observe = command;
    this.#inbox.observe = lag;
  }

  read(room: string): Promise<RoomRecord> {
    return this.#rooms.read(room);
  }

  commit(write: Write): Promise<{ version: string } | RoomRecord> {
    return this.#rooms.commit(write);
  }

  async send(instance: string, note: Note): Promise<void> {
    this.#mustBeUp();
    let link = this.#links.get(instance);
    if (!link)
      this.#links.set(instance, (link = new Link(this.#commands, this.keys.inbox(instance), this.instance)));
    await link.send(note).catch((error) => this.#fall(error));
  }

  post(post: Post): Promise<Posted | undefined> {
    return this.#chat.post(post, performance.now() + this.#clock + DEADLINE);
  }

  history(room: string, since: number): Promise<History> {
    return this.#chat.history(room, since);
  }

  restore(room: string, history: History): Promise<void> {
    return this.#chat.restore(room, history);
  }

  async put(key: string, value: string, seconds: number): Promise<void> {
    this.#mustBeUp();
    const name = this.keys.value(key);
    await this.run(name, ['SET', name, value, 'EX', String(Math.ceil(seconds))]);
  }

  async get(key: string): Promise<string | undefined> {
    this.#mustBeUp();
    const name = this.keys.value(key);
    return ((await this.run(name, ['GET', name])) as string | null) ?? undefined;
  }

  /** @throws ClusterDown */
  async run(key: string, args: string[]): Promise<unknown> {
    return this.#commands.run(key, args).catch((error) => this.#fall(error));
  }

  /** @throws ClusterDown */
  async eval(script: Script, keys: string[], args: string[]): Promise<unknown> {
    return this.#commands.eval(script, keys, args).catch((error) => this.#fall(error));
  }

  /** A dead instance has been taken over: nothing goes to it or comes from it any more. */
  forget(instance: string): void {
    this.#links.delete(instance);
    this.#inbox.forget(instance);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#inbox.stop();
    // Whoever is still here counts as lost with this instance; if that is nobody, there is nothing to wait for.
    if (this.state === 'up' && this.owner?.figures().peers === 0)
      await this.#takeOver.forget(this.instance, this.#inbox.position).catch(() => {});
    this.#commands.close();
    this.#reads.close();
  }

  /** An island does not wait for Redis with everything that it does. */
  #mustBeUp(): void {
    if (this.state !== 'up') throw new ClusterDown('the other instances can not be reached');
  }

  /** Says that this instance is alive, and hears who else is. */
  async #beat(): Promise<void> {
    const before = this.#beatAt;
    const sentAt = performance.now();
    const figures: Figures = this.owner?.figures() ?? { peers: 0, away: 0, rooms: 0 };
    try {
      const args = [this.instance, JSON.stringify(figures)];
      const reply = await this.eval(BEAT, [this.keys.instances], args);
      if (this.#closed) return;
      const [known, now, all] = reply as [number, string, string[]];
      this.#beatAt = performance.now();
      this.#clock = Number(now) - (sentAt + this.#beatAt) / 2;
      const lost = known === 0 || !(await this.#inbox.trim(this.#commands));
      if (lost) await this.#inbox.open(this.#commands);
      this.members = membersOf(all, Number(now));
      // It may have been taken for dead, or others may seem to be because nobody was heard.
      const late = this.#beatAt - before > LEASE;
      if (this.state === 'down' || lost || late) await this.#rise();
      // Before that the others may have had no Redis either.
      if (performance.now() - this.#upSince >= LEASE + BEAT_EVERY) this.#takeOver.bury();
      this.owner?.heard();
    } catch (error) {
      if (!(error instanceof ClusterDown)) this.log.error({ err: error }, 'redis answers strangely');
    }
  }

  async #rise(): Promise<void> {
    await this.#rooms.enrol();
    if (this.#isMissed) this.log.warn({}, 'redis is back');
    this.#isMissed = false;
    this.#upSince = performance.now();
    this.state = 'up';
    this.owner?.resync();
  }

  /** What was to be done could not be: this instance is an island, until it is heard again. */
  #fall(error: unknown): never {
    // What one other instance does not get says nothing of Redis.
    if (!(error instanceof ClusterDown) || error instanceof Undelivered || this.#closed) throw error;
    if (!this.#isMissed) this.log.warn({ reason: error.message }, 'redis is away: going on alone');
    this.#isMissed = true;
    this.state = 'down';
    throw error;
  }
}
