import type { Cluster } from '../cluster/cluster.ts';
import type { CloseCode } from '../protocol/codes.ts';
import { CallLog } from './call-log.ts';
import { Census, type RoomSummary } from './census.ts';
import { ChatLogs, MOST_CHAT_BYTES } from './chat-log.ts';
import type { Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import { Happenings } from './happening.ts';
import { KnownRooms } from './known-rooms.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { takeNote } from './notes.ts';
import type { Arrival } from './peer.ts';
import type { Permit } from './permit.ts';
import { Rate } from './rate.ts';
import { Recovery } from './recovery.ts';
import { Session } from './session.ts';
import { count, Tally } from './tally.ts';
import { WELCOME, type Welcome } from './welcome.ts';

/** What is logged of an id that may be of any length, characters. */
const MOST_LOGGED = 200;

/** Remembers the peers that a host removed. */
export interface Removed {
  /** @param now seconds since 1970 */
  add(room: string, peer: string, permit: Permit | undefined, now: number): void;
  /** The other instances may not know of all of them. */
  share(now: number): Promise<void>;
}

const NOBODY: Removed = { add: () => {}, share: async () => {} };

/** All rooms with peers of this instance, and who is in them: what sessions and routes may ask of them. */
export class Rooms {
  readonly limits: Limits;
  /** What a v1 client is told when it comes, and how its seat and the chat are kept. */
  readonly options: Welcome;
  readonly log: Log;
  /** Whether relays are logged too. */
  readonly tracing: boolean;
  readonly messageRate: Rate;
  readonly byteRate: Rate;
  /** Every connection that waits for a place or has one. */
  readonly sessions = new Set<Session>();
  /** Those of them whose new place is decided on, and being written for all instances. */
  readonly arriving = new Set<Session>();
  readonly cluster: Cluster;
  readonly chats: ChatLogs;
  readonly known: KnownRooms;
  readonly tally = new Tally();
  /** How calls are set up; undefined if nobody wants to know. */
  readonly calls: CallLog | undefined;
  /** What is asked of all instances together. */
  readonly exchange: Exchange;
  /** Once true nobody is let in any more. */
  draining = false;
  readonly census: Census;
  readonly happenings: Happenings;
  readonly removed: Removed;
  #connections = 0;

  constructor(limits: Limits, log: Log, cluster: Cluster, removed = NOBODY, options: Welcome = WELCOME) {
    this.cluster = cluster;
    this.census = new Census(cluster.instance);
    this.happenings = new Happenings(cluster.instance);
    this.options = options;
    const half = limits.bufferedBytes / 2 || MOST_CHAT_BYTES;
    this.chats = new ChatLogs(options.chatHistory, options.chatTtlSeconds, Math.min(half, MOST_CHAT_BYTES));
    this.removed = removed;
    this.limits = limits;
    this.log = log;
    this.tracing = log.level === 'trace';
    this.messageRate = new Rate(limits.messageRate, limits.messageBurst);
    this.byteRate = new Rate(limits.byteRate, limits.byteBurst);
    this.calls = options.callLog ? new CallLog() : undefined;
    this.known = new KnownRooms(this);
    this.exchange = new Exchange(this);
    const recovery = new Recovery(this);
    cluster.start({
      figures: () => this.census.figures(),
      heard: () => recovery.heard(),
      received: (note, from) => takeNote(this, note, from),
      resync: () => {
        void recovery.resync();
        removed.share(Date.now() / 1000).catch(() => {}); // tried again, when the others are back
      },
      died: (instance, rooms) => recovery.died(instance, rooms),
    });
  }

  /** How long the seat of a lost v1 connection is kept, ms. */
  get graceMs(): number {
    return this.options.graceSeconds * 1000;
  }

  get instance(): string {
    return this.cluster.instance;
  }

  /** Up to `limit` of this instance's rooms in the order of their ids, from behind `after`. */
  list(after: string | undefined, limit: number): RoomSummary[] {
    return this.census.page(after, limit).map((id) => {
      const { peers, createdAt } = this.known.get(id)!.room;
      return { id, peerCount: peers.size, createdAt: new Date(createdAt).toISOString() };
    });
  }

  /**
   * Begins the session of a new connection: it joins, or is closed with the reason why not.
   *
   * @param admission checks what the newcomer brought; without it, it is a plain one that brought nothing
   */
  open(connection: Connection, roomId: string, peerId: string, admission?: () => Promise<Arrival>): Session {
    const conn = `${this.instance}.${++this.#connections}`;
    const session = new Session(this, connection, roomId, peerId, conn);
    this.sessions.add(session);
    try {
      session.join(admission);
    } catch (error) {
      session.fail(error);
    }
    return session;
  }

  /** Counts and logs a connection whose ids may be anything, and so never became a session. */
  refuse(room: string, peer: string, code: CloseCode): void {
    count(this.tally.closes, String(code));
    this.log.info(
      { room: room.slice(0, MOST_LOGGED), peer: peer.slice(0, MOST_LOGGED), code },
      'join refused',
    );
  }

  /** The server stops and is alone: with it all rooms end. */
  endAll(): void {
    if (this.cluster.state !== 'off') return;
    for (const { room } of this.known) this.happenings.ended(room);
  }

  /** Forgets who is away: the server stops, and nobody's grace is waited for. What is being written is. */
  async stop(): Promise<void> {
    await this.known.whenIdle();
    this.exchange.stop();
    this.known.stop();
  }
}
