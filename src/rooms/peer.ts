import { randomUUID } from 'node:crypto';
import type { Dialect } from '../protocol/messages.ts';
import { address, stamp } from './frames.ts';
import type { Permit } from './permit.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';

/** Who comes: what is known of a newcomer before it has a place. */
export interface Arrival {
  dialect: Dialect;
  /** Names this run of the client; a v1 client keeps it over its reconnects. */
  sessionId: string;
  /** The newcomer has shown a seat: it is the client that had this session before. */
  returning: boolean;
  /** The signed seat that a v1 client is given. */
  seat: string | undefined;
  /** What its room token says, if it came with one. */
  permit: Permit | undefined;
  /** The last chat `seq` that it has seen. */
  since: number | undefined;
  /** The log in which that was; undefined: the present one. */
  chatLog?: string | undefined;
  /** Sessions that had its place while it was away. */
  evicted?: ReadonlySet<string>;
}

/** One who comes without a seat, in the plain dialect. */
export function stranger(permit?: Permit): Arrival {
  return {
    dialect: 'plain',
    sessionId: randomUUID(),
    returning: false,
    seat: undefined,
    permit,
    since: undefined,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

/** One who sits in a room, connected or away. */
export class Peer {
  readonly id: string;
  readonly room: Room;
  readonly dialect: Dialect;
  readonly sessionId: string;
  /** What this peer's messages begin with, as bytes. */
  readonly stamp: Buffer;
  /** What messages to this peer carry as `to`, as bytes. */
  readonly address: Buffer;
  readonly joinedAt = performance.now();
  permit: Permit | undefined;
  /** Sessions that lost this place to their better: their seats take nothing over any more. */
  readonly evicted: ReadonlySet<string>;
  /** Its connection; undefined while it is away. */
  session: Session | undefined;
  /** Its public state, as JSON text. */
  state = '{}';
  /** Ends the grace, while it is away. */
  graceTimer: NodeJS.Timeout | undefined;

  constructor(id: string, room: Room, session: Session, arrival: Arrival) {
    this.id = id;
    this.room = room;
    this.session = session;
    this.dialect = arrival.dialect;
    this.sessionId = arrival.sessionId;
    this.permit = arrival.permit;
    this.evicted = arrival.evicted ?? NOBODY;
    this.stamp = stamp(room.id, id);
    this.address = address(id);
  }

  /** Sends one frame; whether it went out. */
  send(frame: Uint8Array): boolean {
    return this.session?.send(frame) ?? false;
  }

  /** This peer's entry in a roster, as JSON text. */
  entry(): string {
    const { id, sessionId: session, dialect } = this;
    const status = this.session ? 'here' : 'away';
    return `${JSON.stringify({ id, session, dialect, status }).slice(0, -1)},"state":${this.state}}`;
  }
}
