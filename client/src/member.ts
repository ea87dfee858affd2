import type { RoomError } from './errors.ts';
import type { Line } from './line.ts';
import type { Inbox, Outbox } from './mailbox.ts';
import type { RoomEvents, RoomPeer, SignalType } from './types.ts';

/** A signal that waits for its receipt. */
export interface Signal {
  type: SignalType;
  data: object;
  done(error?: RoomError): void;
}

/**
 * What goes with each message between two clients. One of them may see the other leave and come back under
 * the same session, which knows nothing of that: the meeting counts on, and who hears a higher number than
 * its own begins anew, too. The mailboxes of both belong to one meeting.
 */
export interface Mark {
  /** The session that is meant, and that of the sender. */
  session?: string;
  by?: string;
  meeting?: number;
  /** Whether the sender makes the first offer of this meeting. */
  offers?: boolean;
  /** It wants to hear of this meeting in return. */
  greets?: boolean;
}

/** A peer with its mailboxes, which begin anew with each of its sessions and each meeting. */
export interface Member {
  peer: RoomPeer;
  meeting: number;
  /** When to tell the other side that this is a new meeting, ms since 1970. */
  greetAt: number;
  /** Whether this side makes the first offer. */
  offer: boolean;
  outbox: Outbox<Signal>;
  inbox: Inbox;
  /** What came before anybody listened. */
  held: RoomEvents['signal'][];
  /** When one that a new server does not know counts as away, and as left, ms since 1970. */
  awayAt: number;
  missingUntil: number;
}

/** What the members tell the room. */
export interface MembersOwner {
  /** This client's own session id. */
  session(): string;
  readonly peerId: string;
  write: Line['write'];
  /** Asks the server for a sign of life. */
  ask(now: number): void;
  /** Whether somebody listens to the signals. */
  listens(): boolean;
  tell<E extends 'peer-joined' | 'peer-left' | 'peer-away' | 'peer-back' | 'peer-state' | 'signal'>(
    event: E,
    value: RoomEvents[E],
  ): void;
}
