import type { Entry } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import { SERVER_ID } from '../protocol/ids.ts';
import type { Dialect } from '../protocol/messages.ts';
import type { ChatLog } from './chat-log.ts';
import type { Change } from './draft.ts';
import { say, stamp } from './frames.ts';
import type { KnownRooms } from './known-rooms.ts';
import { type Arrival, Peer } from './peer.ts';
import type { Session } from './session.ts';
import type { Tally } from './tally.ts';

/** A connection that gets a place. */
export interface Seating {
  session: Session;
  arrival: Arrival;
  resumed: boolean;
}

/** Peers that may call each other, those on other instances too. */
export class Room {
  readonly id: string;
  /** By peer id, in the order of joining; those that are away too. */
  readonly peers = new Map<string, Peer>();
  /** What the server's own messages in this room begin with, as bytes. */
  readonly stamp: Buffer;
  readonly chat: ChatLog;
  readonly tally: Tally;
  createdAt = Date.now();
  /** The version and the life of the room as they were last written or read. */
  version = '';
  born = '';
  /** The greatest place in the order of joining that was given. */
  lastNumber = 0;
  /** Peers that this instance answers for. */
  own = 0;
  /** Whether this instance lists the room: its oldest peer is its own. */
  listed = false;
  /** Whoever this instance has last told to have left, while nobody is here. */
  lastToLeave: Entry | undefined;
  /** Whether the chat here goes on where the others' does. */
  chatKnown = false;
  readonly #known: KnownRooms;

  constructor(id: string, chat: ChatLog, known: KnownRooms) {
    this.id = id;
    this.chat = chat;
    this.#known = known;
    this.tally = known.tally;
    this.stamp = stamp(id, SERVER_ID);
  }

  /**
   * A `peers` frame: the ids of all who are here, in the order of joining.
   *
   * @param tail further fields, as JSON text that begins with a comma
   */
  roster(id?: string, tail?: string): Buffer {
    return say('peers', this.stamp, [...this.peers.keys()], id, tail);
  }

  /** The roster with sessions and states, as JSON text. */
  entries(): string {
    return `[${Array.from(this.peers.values(), (peer) => peer.rosterEntry()).join(',')}]`;
  }

  /** The instances that have peers in it, after these changes. */
  instances(changes?: ReadonlyMap<string, Entry | undefined>): string[] {
    const found = new Set<string>();
    for (const [id, { entry }] of this.peers) if (!changes?.has(id)) found.add(entry.instance);
    if (changes) for (const entry of changes.values()) if (entry) found.add(entry.instance);
    return [...found];
  }

  /** Sends one frame, the same bytes, to everybody here but `except`, or to those of one dialect. */
  broadcast(frame: Uint8Array, except?: Peer, dialect?: Dialect): void {
    for (const peer of this.peers.values()) {
      if (peer !== except && (dialect === undefined || peer.dialect === dialect)) peer.send(frame);
    }
  }

  /**
   * Makes the room as these changes say, one after the other, and tells those who are connected here.
   *
   * @param seatings the connections that get a place, by their names
   */
  apply(changes: ReadonlyMap<string, Change>, seatings?: ReadonlyMap<string, Seating>): void {
    for (const [id, { entry, code }] of changes) {
      const peer = this.peers.get(id);
      const seating = entry && seatings?.get(entry.conn);
      if (peer && entry && peer.entry.session === entry.session) {
        this.#change(peer, entry, seating);
      } else {
        if (peer) this.#remove(peer, code);
        if (entry) this.#add(entry, seating);
      }
    }
  }

  #remove(peer: Peer, code: CloseCode | 1006 | undefined): void {
    this.peers.delete(peer.id);
    clearTimeout(peer.graceTimer);
    this.#known.counted(this, peer.entry, undefined);
    if (this.peers.size > 0) this.broadcast(say('peer-left', this.stamp, peer.id));
    if (code === 1006) peer.session?.terminate();
    else if (code !== undefined) peer.session?.close(code);
  }

  #add(entry: Entry, seating: Seating | undefined): void {
    const peer = new Peer(entry, this);
    peer.session = seating?.session;
    peer.permit = seating?.arrival.permit;
    this.peers.set(entry.id, peer);
    if (entry.n <= this.lastNumber) this.#sort();
    this.lastNumber = Math.max(this.lastNumber, entry.n);
    this.#known.counted(this, undefined, entry);
    this.#watch(peer);
    // Always its first message.
    if (seating) this.#greet(peer, seating);
    this.#announce(peer);
  }

  #greet(peer: Peer, seating: Seating): void {
    seating.session.send(peer.dialect === 'v1' ? this.#known.welcome(peer, seating) : this.roster());
  }

  /**
   * Of two peers the one that came first hears of the other by `new-peer`, and makes the offer. The other one
   * knows it from its `peers`; if both came while their instances could not reach each other, it gets a fresh
   * one now.
   */
  #announce(newcomer: Peer): void {
    let forV1: Buffer | undefined;
    let forPlain: Buffer | undefined;
    let roster: Buffer | undefined;
    for (const peer of this.peers.values()) {
      if (peer === newcomer || !peer.session) continue;
      const first = comesBefore(peer.entry, newcomer.entry);
      if (peer.dialect === 'plain') {
        if (first) peer.send((forPlain ??= say('new-peer', this.stamp, newcomer.id)));
        peer.send((roster ??= this.roster()));
      } else if (first) {
        const tail = `,"peer":${newcomer.rosterEntry()}`;
        peer.send((forV1 ??= say('new-peer', this.stamp, newcomer.id, undefined, tail)));
      } else {
        peer.send(this.roster(undefined, `,"roster":${this.entries()}`));
      }
    }
  }

  /** The same session as before: it lost its connection, is back, has moved, or shows another state. */
  #change(peer: Peer, written: Entry, seating: Seating | undefined): void {
    const before = peer.entry;
    const { session } = peer;
    // What a peer shows comes by a quicker way than what is written, which may be behind.
    const behind = written.conn === before.conn && written.shown < before.shown;
    const next = behind ? { ...written, state: before.state, shown: before.shown } : written;
    peer.entry = next;
    clearTimeout(peer.graceTimer);
    this.#known.counted(this, before, next);
    this.#watch(peer);
    if (next.conn !== before.conn || next.away > 0) peer.session = seating?.session;
    if (seating) {
      peer.permit = seating.arrival.permit;
      this.#greet(peer, seating);
    }
    if (session && session !== peer.session) session.close(CloseCode.Replaced);
    if (before.away === 0 && next.away > 0) this.broadcast(say('peer-away', this.stamp, peer.id), peer, 'v1');
    if (before.away > 0 && next.away === 0) this.broadcast(say('peer-back', this.stamp, peer.id), peer, 'v1');
    if (before.state !== next.state) {
      const frame = `{"type":"state"${peer.stamp.toString()},"data":${next.state}}`;
      this.broadcast(Buffer.from(frame), peer, 'v1');
    }
  }

  #watch(peer: Peer): void {
    const { away, instance } = peer.entry;
    if (away > 0 && instance === this.#known.instance) peer.graceTimer = this.#known.watch(peer);
  }

  /** Into the order of joining again, after one came late of whom others knew before. */
  #sort(): void {
    const peers = [...this.peers].sort(([, a], [, b]) => (comesBefore(a.entry, b.entry) ? -1 : 1));
    this.peers.clear();
    for (const [id, peer] of peers) this.peers.set(id, peer);
  }
}

/** Two instances that could not reach each other may have given the same place in the order: the id decides. */
function comesBefore(a: Entry, b: Entry): boolean {
  return a.n < b.n || (a.n === b.n && a.id < b.id);
}
