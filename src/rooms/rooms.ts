import { CloseCode } from '../protocol/codes.ts';
import type { Connection } from './connection.ts';
import { say } from './frames.ts';
import { Peer } from './peer.ts';
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
  #peers = 0;

  constructor(limits: Limits, log: Log, removed: Removed = () => {}) {
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

  get totalPeers(): number {
    return this.#peers;
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
   * @param permit the check of the peer's token, if it has one
   */
  open(connection: Connection, roomId: string, peerId: string, permit?: () => Promise<Permit>): Session {
    const session = new Session(this, connection, roomId, peerId);
    this.sessions.add(session);
    try {
      session.join(permit);
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
   * `new-peer` and then `peers`.
   *
   * @returns the code to close with, if there is no room
   */
  join(session: Session): Peer | CloseCode {
    const { peers, peersPerRoom } = this.limits;
    if (this.draining) return CloseCode.Restart;
    if (peers > 0 && this.#peers >= peers) return CloseCode.Overloaded;
    let room = this.#rooms.get(session.roomId);
    if (room && peersPerRoom > 0 && room.peers.size >= peersPerRoom) return CloseCode.RoomFull;
    if (!room) {
      room = new Room(session.roomId);
      this.#rooms.set(room.id, room);
      this.#ids.add(room.id);
    }
    const peer = new Peer(session.peerId, room, session);
    room.peers.set(peer.id, peer);
    this.#peers++;
    const roster = room.roster();
    session.send(roster);
    if (room.peers.size > 1) {
      room.broadcast(say('new-peer', room.stamp, peer.id), peer);
      room.broadcast(roster, peer);
    }
    return peer;
  }

  /** Closes a peer for good: the token that it came with, if it did, is good no longer. */
  remove(peer: Peer, permit: Permit | undefined): void {
    this.#removed(peer.room.id, peer.id, permit);
    peer.session.close(CloseCode.Removed);
  }

  /** Takes a peer out of its room and tells the others; nothing if it is not there any more. */
  leave(peer: Peer): void {
    const { room } = peer;
    if (room.peers.get(peer.id) !== peer) return;
    room.peers.delete(peer.id);
    this.#peers--;
    if (room.peers.size > 0) return room.broadcast(say('peer-left', room.stamp, peer.id));
    this.#rooms.delete(room.id);
    this.#ids.remove(room.id);
  }
}
