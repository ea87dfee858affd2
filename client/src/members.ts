import { RoomError } from './errors.ts';
import { Inbox, numberOf, Outbox } from './mailbox.ts';
import type { RoomEvents, RoomPeer, SignalType } from './types.ts';
import type { Entry, Frame, Welcome } from './wire.ts';

/** Signals of one peer that are held while nobody listens; over that they stay with their sender. */
const MOST_HELD = 500;

interface Signal {
  type: SignalType;
  data: object;
  done(error?: RoomError): void;
}

/** A peer with its mailboxes, which begin anew with each of its sessions. */
interface Member {
  peer: RoomPeer;
  /** Whether this side makes the first offer. */
  offer: boolean;
  outbox: Outbox<Signal>;
  inbox: Inbox;
  /** What came before anybody listened. */
  held: RoomEvents['signal'][];
  /** When one that a new server does not know counts as left, ms since 1970. */
  missingUntil: number;
}

/** What the members tell the room. */
export interface MembersOwner {
  /** This client's own session id. */
  readonly session: string;
  readonly peerId: string;
  write(message: object): boolean;
  /** Whether somebody listens to the signals. */
  listens(): boolean;
  tell<E extends 'peer-joined' | 'peer-left' | 'peer-away' | 'peer-back' | 'peer-state' | 'signal'>(
    event: E,
    value: RoomEvents[E],
  ): void;
}

/** The others in the room, and the messages between them and this client. */
export class Members {
  readonly #owner: MembersOwner;
  readonly #members = new Map<string, Member>();

  constructor(owner: MembersOwner) {
    this.#owner = owner;
  }

  /** In the order of joining. */
  get arrivals(): RoomEvents['peer-joined'][] {
    return Array.from(this.#members.values(), ({ peer, offer }) => ({ peer, offer }));
  }

  /** Makes the roster as a welcome says. `returning`: this client has been connected before. */
  welcome({ peers, resumed, graceSeconds }: Welcome, returning: boolean): void {
    const here = new Set(peers.map(({ id }) => id));
    for (const [id, member] of this.#members) {
      if (here.has(id)) continue;
      // A server that knows this client knows who left; a new one may not have seen the others come back yet.
      if (resumed) this.drop(id);
      else {
        member.missingUntil = Date.now() + graceSeconds * 1000;
        this.moved(id, 'peer-away');
      }
    }
    // Who is new to one that comes back came later than it.
    for (const entry of peers) if (entry.id !== this.#owner.peerId) this.add(entry, returning && resumed);
  }

  add(entry: Entry, offer: boolean): void {
    const known = this.#members.get(entry.id);
    if (known?.peer.session === entry.session) {
      const { status } = known.peer;
      known.peer = entry;
      known.missingUntil = Number.POSITIVE_INFINITY;
      if (status === entry.status) return this.#owner.tell('peer-state', entry);
      return this.moved(entry.id, entry.status === 'away' ? 'peer-away' : 'peer-back');
    }
    if (known) this.drop(entry.id);
    const outbox = new Outbox<Signal>((n, { type, data }) => {
      this.#owner.write({ type, to: entry.id, data, id: `${this.#owner.session}.${n}` });
    });
    const missingUntil = Number.POSITIVE_INFINITY;
    this.#members.set(entry.id, { peer: entry, offer, outbox, inbox: new Inbox(), held: [], missingUntil });
    this.#owner.tell('peer-joined', { peer: entry, offer });
  }

  drop(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    for (const { done } of member.outbox.abandon()) done(gone(id));
    this.#owner.tell('peer-left', member.peer);
  }

  moved(id: string, event: 'peer-away' | 'peer-back'): void {
    this.change(id, { status: event === 'peer-away' ? 'away' : 'here' }, event);
    if (event === 'peer-back') this.#members.get(id)?.outbox.repeat(Date.now(), true);
  }

  change(id: string, change: Partial<RoomPeer>, event: 'peer-away' | 'peer-back' | 'peer-state'): void {
    const member = this.#members.get(id);
    if (!member) return;
    member.peer = { ...member.peer, ...change };
    this.#owner.tell(event, member.peer);
  }

  /** Sends a signal; see `Room.send`. */
  send(to: string, type: SignalType, data: object): Promise<void> {
    const member = this.#members.get(to);
    if (!member) return Promise.reject(gone(to));
    return new Promise((resolve, reject) => {
      const done = (error?: RoomError) => (error ? reject(error) : resolve());
      if (member.peer.dialect === 'v1') {
        // Its run is named, as one that comes after it must not take this for its own.
        member.outbox.post({ type, data: { ...data, session: member.peer.session }, done }, Date.now());
      } else if (this.#owner.write({ type, to, data })) done();
      else
        done(
          new RoomError('rejected', 'There is no connection, and a plain peer can be sent nothing later.'),
        );
    });
  }

  /** A signal came: it is handed on once, in order, and acknowledged. */
  signal(frame: Frame, type: SignalType): void {
    const member = this.#members.get(frame.from);
    if (!member) return;
    const meant = (frame.data as { session?: string } | null)?.session;
    if (meant !== undefined && meant !== this.#owner.session) return; // for the run before this one
    const listens = this.#owner.listens();
    if (!listens && member.held.length >= MOST_HELD) return;
    if (member.peer.dialect === 'v1') {
      const n = numberOf(frame.id, member.peer.session);
      const taken = n === undefined ? 'early' : member.inbox.take(n);
      if (taken === 'early') return;
      this.#owner.write({ type: 'ack', to: frame.from, id: frame.id });
      if (taken === 'repeated') return;
    }
    const signal = { type, from: member.peer, data: frame.data };
    if (listens && member.held.length === 0) this.#owner.tell('signal', signal);
    else member.held.push(signal);
  }

  /** Hands on what came before anybody listened. */
  release(): void {
    for (const member of this.#members.values())
      while (member.held.length > 0 && this.#owner.listens())
        this.#owner.tell('signal', member.held.shift()!);
  }

  /** A receipt came. */
  acknowledged(frame: Frame): void {
    const n = numberOf(frame.id, this.#owner.session);
    if (n !== undefined) this.#members.get(frame.from)?.outbox.acknowledge(n)?.done();
  }

  /** This client is connected again: what has no receipt yet is sent once more. */
  repeat(): void {
    for (const { outbox } of this.#members.values()) outbox.repeat(Date.now(), true);
  }

  /** To be called often, while there is a connection. */
  tick(now: number): void {
    for (const { outbox, peer, missingUntil } of this.#members.values()) {
      if (now >= missingUntil) this.drop(peer.id);
      else if (now >= outbox.due && peer.status === 'here') outbox.repeat(now);
    }
  }

  abandon(error: RoomError): void {
    for (const { outbox } of this.#members.values()) for (const { done } of outbox.abandon()) done(error);
  }
}

function gone(id: string): RoomError {
  return new RoomError('peer-left', `${JSON.stringify(id)} is not in the room.`);
}
