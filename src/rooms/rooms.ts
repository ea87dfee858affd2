import { CloseCode } from '../protocol/codes.ts';
import { ChatLogs } from './chat-log.ts';
import type { Connection } from './connection.ts';
import { say } from './frames.ts';
import { type Arrival, Peer } from './peer.ts';
import type { Permit } from './permit.ts';
import { Rate } from './rate.ts';
import { Room } from './room.ts';
import { Session } from './session.ts';
import { SortedIds } from './sorted-ids.ts';

/** What one connection, one room and one instance may take. 0: no limit. */
export interface Limits {
  /** Output that may wait for one peer, bytes. */
  bufferedBytes: number;
  peersPerRoom: number;
  /** Peers of this instance. */
  peers: number;
  /** Messages per second of one connection. */
  messageRate: number;
  messageBurst: number;
  /** Bytes per second of one connection. */
  byteRate: number;
  byteBurst: number;
}

/** The part of a pino logger that the rooms use. */
export interface Log {
  level: string;
  trace(fields: object, message: string): void;
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a v1 client is told when it comes, and how its seat and the chat are kept. */
export interface Welcome {
  /** How long the seat of a lost connection is kept. */
  graceSeconds: number;
  heartbeatSeconds: number;
  /** The longest message that is taken, bytes. */
  messageBytes: number;
  /** Chat messages that are kept of one room. */
  chatHistory: number;
  /** How long after the last one. */
  chatTtlSeconds: number;
  /** The STUN and TURN servers for a peer. */
  iceServers(peer: string): { iceServers: object[]; expiresAt: string | null };
}

/** Bytes of one room's chat that are kept at most. */
const MOST_CHAT_BYTES = 512 * 1024;

/** The defaults of the settings, without ICE servers. */
const WELCOME: Welcome = {
  graceSeconds: 30,
  heartbeatSeconds: 25,
  messageBytes: 65_536,
  chatHistory: 50,
  chatTtlSeconds: 86_400,
  iceServers: () => ({ iceServers: [], expiresAt: null }),
};

/** Is told of each peer that a host removed. */
export type Removed = (room: string, peer: string, permit: Permit | undefined) => void;

/** A room in a listing. */
export interface RoomSummary {
  id: string;
  peerCount: number;
  /** ISO 8601. */
  createdAt: string;
}

/** All rooms of this instance, and who is in them. */
export class Rooms {
  readonly limits: Limits;
  readonly log: Log;
  /** Whether relays are logged too. */
  readonly tracing: boolean;
  readonly messageRate: Rate;
  readonly byteRate: Rate;
  /** Every connection that waits for a place or has one. */
  readonly sessions = new Set<Session>();
  /** Once true nobody is let in any more. */
  draining = false;
  readonly #rooms = new Map<string, Room>();
  readonly #ids = new SortedIds();
  readonly #removed: Removed;
  readonly chats: ChatLogs;
  readonly welcome: Welcome;
  #peers = 0;
  #away = 0;

  constructor(limits: Limits, log: Log, removed: Removed = () => {}, welcome: Welcome = WELCOME) {
    this.welcome = welcome;
    const half = limits.bufferedBytes / 2 || MOST_CHAT_BYTES;
    this.chats = new ChatLogs(welcome.chatHistory, welcome.chatTtlSeconds, Math.min(half, MOST_CHAT_BYTES));
    this.#removed = removed;
    this.limits = limits;
    this.log = log;
    this.tracing = log.level === 'trace';
    this.messageRate = new Rate(limits.messageRate, limits.messageBurst);
    this.byteRate = new Rate(limits.byteRate, limits.byteBurst);
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /** All who have a place, those that are away too. */
  get totalPeers(): number {
    return this.#peers;
  }

  /** Those who have lost their connection and may come back. */
  get away(): number {
    return this.#away;
  }

  /** Up to `limit` rooms in the order of their ids, from behind `after`. */
  list(after: string | undefined, limit: number): RoomSummary[] {
    return this.#ids.page(after, limit).map((id) => {
      const { peers, createdAt } = this.#rooms.get(id)!;
      return { id, peerCount: peers.size, createdAt: createdAt.toISOString() };
    });
  }

  /**
   * Begins the session of a new connection: it joins, or is closed with the reason why not.
   *
   * @param admission checks what the newcomer brought; without it, it is a plain one that brought nothing
   */
  open(connection: Connection, roomId: string, peerId: string, admission?: () => Promise<Arrival>): Session {
    const session = new Session(this, connection, roomId, peerId);
    this.sessions.add(session);
    try {
      session.join(admission);
    } catch (error) {
      session.fail(error);
    }
    return session;
  }

  find(roomId: string, peerId: string): Peer | undefined {
    return this.#rooms.get(roomId)?.peers.get(peerId);
  }

  /**
   * Seats a peer under an id that is free. The newcomer's first message is `peers`; the others get
   * `new-peer`, and the plain ones then `peers`.
   *
   * @returns the code to close with, if there is no room
   */
  join(session: Session, arrival: Arrival): Peer | CloseCode {
    const { peers, peersPerRoom } = this.limits;
    if (peers > 0 && this.#peers >= peers) return CloseCode.Overloaded;
    let room = this.#rooms.get(session.roomId);
    if (room && peersPerRoom > 0 && room.peers.size >= peersPerRoom) return CloseCode.RoomFull;
    if (!room) {
      room = new Room(session.roomId, this.chats.of(session.roomId));
      this.#rooms.set(room.id, room);
      this.#ids.add(room.id);
    }
    const peer = new Peer(session.peerId, room, session, arrival);
    room.peers.set(peer.id, peer);
    this.#peers++;
    const roster = room.roster();
    session.send(peer.dialect === 'v1' ? this.#welcome(peer, arrival, false) : roster);
    if (room.has('v1', peer)) {
      const tail = `,"peer":${peer.entry()}`;
      room.broadcast(say('new-peer', room.stamp, peer.id, undefined, tail), peer, 'v1');
    }
    if (room.has('plain', peer)) {
      room.broadcast(say('new-peer', room.stamp, peer.id), peer, 'plain');
      room.broadcast(roster, peer, 'plain');
    }
    return peer;
  }

  /**
   * Whether a newcomer may take a place over from the one who sits there, without asking: with a token, or
   * with a seat. But the seat of one who sat there only while the owner was away does not beat the owner's.
   */
  owns(arrival: Arrival, incumbent: Peer): boolean {
    if (arrival.permit) return true;
    return arrival.returning && !incumbent.evicted.has(arrival.sessionId);
  }

  /** Gives a peer that came back with its seat its place again; the others see it only if it was away. */
  resume(peer: Peer, session: Session, arrival: Arrival): void {
    const { room, session: before } = peer;
    peer.session = session;
    peer.permit = arrival.permit;
    session.send(this.#welcome(peer, arrival, true));
    if (before) return before.close(CloseCode.Replaced);
    clearTimeout(peer.graceTimer);
    this.#away--;
    room.broadcast(say('peer-back', room.stamp, peer.id), peer, 'v1');
  }

  /** The first `peers` of a v1 client: the whole roster, and what it needs to go on. */
  #welcome(peer: Peer, arrival: Arrival, resumed: boolean): Buffer {
    const { room, sessionId: id } = peer;
    const { graceSeconds, heartbeatSeconds, messageBytes, iceServers } = this.welcome;
    const ice = iceServers(peer.permit ? peer.id : 'anonymous');
    // Numbers of another log mean nothing in this one.
    const known = arrival.chatLog === undefined || arrival.chatLog === room.chat.id;
    const since = known ? arrival.since : Number.POSITIVE_INFINITY;
    const fixed = {
      id,
      seat: arrival.seat,
      resumed,
      graceSeconds,
      heartbeatSeconds,
      iceServers: ice.iceServers,
      iceServersExpireAt: ice.expiresAt,
      limits: { messageBytes },
      chatLog: room.chat.id,
    };
    const chat = this.chats.read(room.chat, since, Date.now());
    const live = `"peers":${room.entries()},"chat":${chat}}`;
    return room.roster(undefined, `,"session":${JSON.stringify(fixed).slice(0, -1)},${live}`);
  }

  /** Closes a peer for good: the token that it came with, if it did, is good no longer. */
  remove(peer: Peer): void {
    this.#removed(peer.room.id, peer.id, peer.permit);
    this.dismiss(peer, CloseCode.Removed);
  }

  /** Takes a peer out of its room, connected or away; a connection is closed, or ended if it is dead (1006). */
  dismiss(peer: Peer, code: CloseCode | 1006): void {
    const { session } = peer;
    this.leave(peer);
    if (code === 1006) session?.terminate();
    else session?.close(code);
  }

  /**
   * A peer's connection has ended.
   *
   * @param leaving it will not come back
   * @returns what to log
   */
  lose(peer: Peer, session: Session, leaving: boolean): string {
    if (peer.session !== session) return 'socket replaced';
    if (peer.room.peers.get(peer.id) !== peer) return 'peer left';
    if (peer.dialect === 'v1' && this.draining) {
      // It moves to another instance, and the others are to see nothing of that.
      peer.session = undefined;
      this.#away++;
      return 'peer moved';
    }
    const { graceSeconds } = this.welcome;
    if (peer.dialect === 'plain' || leaving || graceSeconds === 0) {
      this.leave(peer);
      return 'peer left';
    }
    const { room } = peer;
    peer.session = undefined;
    this.#away++;
    peer.graceTimer = setTimeout(() => this.#expire(peer), graceSeconds * 1000);
    room.broadcast(say('peer-away', room.stamp, peer.id), peer, 'v1');
    return 'peer away';
  }

  #expire(peer: Peer): void {
    if (this.draining) return; // it can't come back here, so it is on its way to another instance
    this.log.info({ room: peer.room.id, peer: peer.id }, 'peer left: its grace has ended');
    this.leave(peer);
  }

  /** Takes a peer out of its room and tells the others; nothing if it is not there any more. */
  leave(peer: Peer): void {
    const { room } = peer;
    if (room.peers.get(peer.id) !== peer) return;
    room.peers.delete(peer.id);
    this.#peers--;
    clearTimeout(peer.graceTimer);
    if (!peer.session) this.#away--;
    if (room.peers.size > 0) return room.broadcast(say('peer-left', room.stamp, peer.id));
    this.#rooms.delete(room.id);
    this.#ids.remove(room.id);
  }

  /** Forgets who is away: the server stops, and nobody's grace is waited for. */
  stop(): void {
    for (const room of this.#rooms.values())
      for (const peer of room.peers.values()) clearTimeout(peer.graceTimer);
  }
}
