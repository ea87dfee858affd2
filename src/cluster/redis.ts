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
import { decodeNotes, Link, NobodyThere } from './link.ts';
import { encodeEntry, membersOf, recordOf } from './records.ts';
import { DEADLINE, RedisConnection } from './redis-connection.ts';
import { BEAT, COMMIT, EMPTY, HISTORY, POST, RESTORE, type Script } from './scripts.ts';

/** How often an instance says that it is alive, ms. */
const BEAT_EVERY = 1_000;
/** One that was not heard for this long is dead, ms. */
const LEASE = 5_000;
/** How long an inbox that nobody reads is kept, seconds. */
const INBOX_LIFE = 3_600;
/** Messages that are kept though no history is wanted, and for how long, seconds: to tell repetitions by. */
const LEAST_KEPT = 20;
const LEAST_LIFE = 60;
/** How long the last number of a chat is remembered at least, seconds. */
const NUMBER_LIFE = 7 * 86_400;
/** Bytes of one room's chat that are kept at most. */
const MOST_CHAT_BYTES = 512 * 1024;

/** How to join the others. */
export interface RedisOptions {
  url: string;
  /** Begins all keys. */
  prefix: string;
  chatHistory: number;
  chatTtlSeconds: number;
}

interface Logger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Many instances, joined by Redis: it holds the truth about who is in a room, instances hold sockets. */
export class RedisCluster implements Cluster {
  readonly instance = randomBytes(6).toString('base64url');
  state: 'up' | 'down' = 'down';
  members: Member[] = [];
  readonly #options: RedisOptions;
  readonly #keys: Keys;
  readonly #log: Logger;
  readonly #commands: RedisConnection;
  readonly #reads: RedisConnection;
  readonly #inbox: Inbox;
  readonly #links = new Map<string, Link>();
  /** Rooms with peers of this instance, as Redis knows them. */
  readonly #rooms = new Set<string>();
  /** Dead instances whose peers are being taken over. */
  readonly #dying = new Set<string>();
  #owner: ClusterOwner | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What Redis' clock is ahead of ours, ms; as if a beat and its answer took the same time. */
  #clock = 0;
  #upSince = 0;
  #beatAt = 0;
  #writes = 0;
  #closed = false;

  constructor(options: RedisOptions, log: Logger) {
    this.#options = options;
    this.#keys = new Keys(options.prefix);
    this.#log = log;
    this.#commands = new RedisConnection(options.url);
    this.#reads = new RedisConnection(options.url);
    this.#inbox = new Inbox(this.#reads, this.#keys.inbox(this.instance), {
      received: (note, from) => this.#owner?.received(note, from),
      missed: () => this.#owner?.resync(),
      failed: (err) => this.#log.error({ err }, 'a note of another instance failed'),
    });
  }

  /** Connects, and waits for that for a second; without Redis it goes on alone, and tries again. */
  async connect(): Promise<void> {
    await this.#beat();
    void this.#inbox.read();
    this.#timer = setInterval(() => void this.#beat(), BEAT_EVERY);
  }

  start(owner: ClusterOwner): void {
    this.#owner = owner;
  }

  observe({ command, lag }: Observer): void {
    this.#commands.observe = command;
    this.#inbox.observe = lag;
  }

  async read(room: string): Promise<RoomRecord> {
    const key = this.#keys.room(room);
    return recordOf((await this.#run(key, ['HGETALL', key])) as string[]);
  }

  async commit(write: Write): Promise<{ version: string } | RoomRecord> {
    const { room, version, born, createdAt, changes, instances } = write;
    const next = `${this.instance}.${++this.#writes}`;
    const fields = [...changes].flatMap(([id, entry]) => [`p${id}`, entry ? encodeEntry(entry) : '']);
    const args = [version, next, born, String(createdAt), instances.join(','), ...fields];
    const stays = instances.includes(this.instance);
    const [reply] = await Promise.all([
      this.#eval(COMMIT, [this.#keys.room(room)], args),
      stays && !this.#rooms.has(room) ? this.#enrol([room]) : undefined,
    ]);
    if (Array.isArray(reply)) return recordOf(reply);
    if (!stays && this.#rooms.delete(room)) {
      const key = this.#keys.rooms(this.instance);
      // Left behind it costs the one who takes over a look into a room that has nobody of ours.
      this.#run(key, ['SREM', key, room]).catch(() => {});
    }
    return { version: instances.length === 0 ? '' : next };
  }

  async send(instance: string, note: Note): Promise<void> {
    if (this.state !== 'up') throw new ClusterDown('the other instances can not be reached');
    let link = this.#links.get(instance);
    if (!link)
      this.#links.set(instance, (link = new Link(this.#commands, this.#keys.inbox(instance), this.instance)));
    await link.send(note).catch((error) => this.#fall(error));
  }

  async post({ room, key, head, tail, seq, log, instances }: Post): Promise<Posted | undefined> {
    const deadline = String(Math.floor(performance.now() + this.#clock + DEADLINE));
    const args = [key, head, tail, String(seq), log, ...this.#chatLimits(), instances.join(','), deadline];
    const reply = (await this.#eval(POST, this.#keys.chat(room), args)) as
      | [string, string, string]
      | 0
      | null;
    if (reply === 0) throw new ClusterDown('redis got it too late');
    if (reply === null) return undefined;
    return { seq: Number(reply[0]), frame: reply[1], instances: reply[2] === '' ? [] : reply[2].split(',') };
  }

  async history(room: string, since: number): Promise<History> {
    const reply = await this.#eval(HISTORY, this.#keys.chat(room), [String(since)]);
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
    const args = [log, String(seq), ...this.#chatLimits(), ...fields];
    await this.#eval(RESTORE, this.#keys.chat(room), args);
  }

  async put(key: string, value: string, seconds: number): Promise<void> {
    const name = this.#keys.value(key);
    await this.#run(name, ['SET', name, value, 'EX', String(Math.ceil(seconds))]);
  }

  async get(key: string): Promise<string | undefined> {
    const name = this.#keys.value(key);
    return ((await this.#run(name, ['GET', name])) as string | null) ?? undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#inbox.stop();
    // Whoever is still here counts as lost with this instance; if that is nobody, there is nothing to wait for.
    if (this.state === 'up' && this.#owner?.figures().peers === 0)
      await this.#forget(this.instance).catch(() => {});
    this.#commands.close();
    this.#reads.close();
  }

  /** Says that this instance is alive, and hears who else is. */
  async #beat(): Promise<void> {
    const before = this.#beatAt;
    const sentAt = performance.now();
    const figures: Figures = this.#owner?.figures() ?? { peers: 0, away: 0, rooms: 0 };
    try {
      const args = [this.instance, JSON.stringify(figures)];
      const reply = await this.#eval(BEAT, [this.#keys.instances], args);
      if (this.#closed) return;
      const [known, now, all] = reply as [number, string, string[]];
      this.#beatAt = performance.now();
      this.#clock = Number(now) - (sentAt + this.#beatAt) / 2;
      if (known === 0) await this.#openInbox();
      else await this.#trimInbox();
      this.members = membersOf(all, Number(now));
      // It may have been taken for dead, or others may seem to be because nobody was heard.
      const late = this.#beatAt - before > LEASE;
      if (this.state === 'down' || known === 0 || late) await this.#rise();
      this.#bury();
      this.#owner?.heard();
    } catch (error) {
      if (!(error instanceof ClusterDown)) this.#log.error({ err: error }, 'redis answers strangely');
    }
  }

  async #openInbox(): Promise<void> {
    const key = this.#keys.inbox(this.instance);
    await Promise.all([
      this.#commands.run(key, ['XADD', key, '*', 'open', '1']),
      this.#commands.run(key, ['EXPIRE', key, String(INBOX_LIFE)]),
    ]);
  }

  async #trimInbox(): Promise<void> {
    const key = this.#keys.inbox(this.instance);
    // To the entry: what is left counts as unread, if this instance dies.
    const [ms, n] = this.#inbox.position.split('-');
    await Promise.all([
      this.#commands.run(key, ['XTRIM', key, 'MINID', `${ms}-${Number(n) + 1}`]),
      this.#commands.run(key, ['EXPIRE', key, String(INBOX_LIFE)]),
    ]);
  }

  async #rise(): Promise<void> {
    await this.#enrol([...this.#rooms]);
    if (this.state === 'down' && this.#upSince > 0) this.#log.warn({}, 'redis is back');
    this.#upSince = performance.now();
    this.state = 'up';
    this.#owner?.resync();
  }

  /** What was to be done could not be: this instance is an island, until it is heard again. */
  #fall(error: unknown): never {
    if (
      error instanceof ClusterDown &&
      !(error instanceof NobodyThere) &&
      this.state === 'up' &&
      !this.#closed
    ) {
      this.state = 'down';
      this.#log.warn({ reason: error.message }, 'redis is away: going on alone');
    }
    throw error;
  }

  /** Of the living the one with the least name takes over from the dead. */
  #bury(): void {
    const now = performance.now();
    if (now - this.#upSince < LEASE + BEAT_EVERY) return; // the others may have had no Redis either
    const alive = this.members.filter(({ age }) => age < LEASE).map(({ instance }) => instance);
    if (alive.some((instance) => instance < this.instance)) return;
    for (const { instance, age } of this.members) {
      if (age < LEASE || this.#dying.has(instance)) continue;
      this.#dying.add(instance);
      this.#takeOver(instance)
        .catch((err) => this.#log.warn({ err, instance }, 'not taken over yet'))
        .finally(() => this.#dying.delete(instance));
    }
  }

  async #takeOver(instance: string): Promise<void> {
    const key = this.#keys.rooms(instance);
    const rooms = (await this.#run(key, ['SMEMBERS', key])) as string[];
    await this.#owner?.died(instance, rooms);
    await this.#forget(instance);
    this.#links.delete(instance);
    this.#inbox.forget(instance);
  }

  /** What an instance that is no more has not read could not be delivered, and its senders are told. */
  async #answerFor(instance: string): Promise<void> {
    const inbox = this.#keys.inbox(instance);
    for (let position = instance === this.instance ? this.#inbox.position : '0-0'; ; ) {
      const entries = (await this.#eval(EMPTY, [inbox], [position])) as [string, string[]][];
      if (entries.length === 0) return;
      const told: Promise<void>[] = [];
      for (const [id, fields] of entries) {
        position = id;
        const [, from, , n] = fields;
        if (from === undefined || n === undefined) continue;
        for (const note of decodeNotes(fields)) {
          if (note.is === 'remove') this.#owner?.received(note, from); // its peer is this instance's now
          if (note.is !== 'to' || note.from.quiet) continue;
          const { room, to, from: sender } = note;
          told.push(this.send(from, { is: 'back', room, to, from: sender }));
        }
      }
      await Promise.allSettled(told);
    }
  }

  async #forget(instance: string): Promise<void> {
    const instances = this.#keys.instances;
    await this.#answerFor(instance);
    const rooms = this.#keys.rooms(instance);
    await this.#run(rooms, ['DEL', rooms]);
    await this.#run(instances, ['HDEL', instances, instance]);
  }

  /** Says in which rooms this instance has peers, for the one who takes over. */
  async #enrol(rooms: string[]): Promise<void> {
    const key = this.#keys.rooms(this.instance);
    for (let at = 0; at < rooms.length; at += 500) {
      const some = rooms.slice(at, at + 500);
      await this.#run(key, ['SADD', key, ...some]);
      for (const room of some) this.#rooms.add(room);
    }
  }

  #chatLimits(): string[] {
    const { chatHistory, chatTtlSeconds } = this.#options;
    const life = chatHistory > 0 ? Math.max(1, Math.ceil(chatTtlSeconds)) : LEAST_LIFE;
    return [chatHistory || LEAST_KEPT, MOST_CHAT_BYTES, life, Math.max(life, NUMBER_LIFE)].map(String);
  }

  async #run(key: string, args: string[]): Promise<unknown> {
    return this.#commands.run(key, args).catch((error) => this.#fall(error));
  }

  async #eval(script: Script, keys: string[], args: string[]): Promise<unknown> {
    return this.#commands.eval(script, keys, args).catch((error) => this.#fall(error));
  }
}
