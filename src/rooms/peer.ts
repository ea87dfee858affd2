import type { Entry } from '../cluster/cluster.ts';
import type { Dialect } from '../protocol/messages.ts';
import type { Caller } from './call-log.ts';
import { address, stamp } from './frames.ts';
import type { Permit } from './permit.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';
import { newSessionId } from './session-id.ts';

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
}

/** One who comes without a seat, in the plain dialect. */
export function stranger(permit?: Permit): Arrival {
  return {
    dialect: 'plain',
    sessionId: newSessionId(),
    returning: false,
    seat: undefined,
    permit,
    since: undefined,
  };
}

/** One who sits in a room: connected here, connected elsewhere, or away. */
export class Peer {
  /** What all instances know of it. */
  entry: Entry;
  readonly room: Room;
  /** What this peer's messages begin with, as bytes. */
  readonly stamp: Buffer;
  /** What messages to this peer carry as `to`, as bytes. */
  readonly address: Buffer;
  permit: Permit | undefined;
  /** Its connection, if that is here. */
  session: Session | undefined;
  /** Whether the other instances have been told of it. */
  written = true;
  /** Until when it is waited for, as the others' record has lost it, ms since 1970; 0: it has not. */
  lostUntil = 0;
  /** Ends the grace, while it is away. */
  graceTimer: NodeJS.Timeout | undefined;
  /** How its calls are being set up, where that is remembered. */
  pairs: Caller['pairs'];

  constructor(entry: Entry, room: Room) {
    this.entry = entry;
    this.room = room;
    this.stamp = stamp(room.id, entry.id);
    this.address = address(entry.id);
  }

  get id(): string {
    return this.entry.id;
  }

  get dialect(): Dialect {
    return this.entry.dialect;
  }

  /** Sends one frame to a peer that is connected here; whether it went out. */
  send(frame: Uint8Array): boolean {
    return this.session?.send(frame) ?? false;
  }

  /** This peer's entry in a roster, as JSON text. */
  rosterEntry(): string {
    const { id, session, dialect, away, state } = this.entry;
    const status = away === 0 ? 'here' : 'away';
    return `${JSON.stringify({ id, session, dialect, status }).slice(0, -1)},"state":${state}}`;
  }
}
