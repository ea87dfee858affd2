import { RoomError } from './errors.ts';
import { Inbox, limit, NEVER, numberOf, Outbox } from './mailbox.ts';
import type { Mark, Member, MembersOwner, Signal } from './member.ts';
import type { RoomEvents, RoomPeer, SignalType } from './types.ts';
import type { Entry, Frame, Welcome } from './wire.ts';

/** Signals of one peer that are held while nobody listens; over that they stay with their sender. */
const MOST_HELD = 500;
/** How long one that a new server does not know may be on its way there before it counts as away, ms. */
const ON_ITS_WAY = 10_000;
/** How often one that was thought to have left is told so, until it is heard, ms. */
const GREET_EVERY = 2_000;

/**
 * The others in the room, and the messages between them and this client. Both in one class, as a message may be
 * what tells that the other side has met this one anew.
 */
export class Members {
  readonly #owner: MembersOwner;
  readonly #members = new Map<string, Member>();
  /** The last meeting of this session with each that has left. */
  readonly #met = new Map<string, number>();

  constructor(owner: MembersOwner) {
    this.#owner = owner;
  }

  /** In the order of joining. */
  get arrivals(): RoomEvents['peer-joined'][] {
    return Array.from(this.#members.values(), ({ peer, offer }) => ({ peer, offer }));
  }

  /**
   * Makes the roster as a welcome says.
   *
   * @param returning this client has been connected before
   * @param known and to the same server: it knows who has left
   */
  welcome({ peers, graceSeconds }: Welcome, returning: boolean, known: boolean): void {
    const here = new Set(peers.map(({ id }) => id));
    for (const [id, member] of this.#members) {
      if (here.has(id)) continue;
      // A new server may not have seen the others come back yet.
      if (known && member.missingUntil === NEVER) this.drop(id);
      else if (!known) {
        member.missingUntil = Date.now() + graceSeconds * 1000;
        member.awayAt = Math.min(member.missingUntil, Date.now() + ON_ITS_WAY);
      }
    }
    // Who is new to one that comes back came later than it, as a rule.
    for (const entry of peers) this.add(entry, known, returning);
  }

  /** `unsure`: whether the other side makes the offer is not known. */
  add(entry: Entry, offer: boolean, unsure = false): void {
    if (entry.id === this.#owner.peerId) return;
    const known = this.#members.get(entry.id);
    if (known?.peer.session === entry.session) {
      const { status } = known.peer;
      known.peer = entry;
      known.awayAt = known.missingUntil = NEVER;
      this.#owner.tell('peer-state', entry);
      if (status !== entry.status) this.moved(entry.id, entry.status === 'away' ? 'peer-away' : 'peer-back');
      return;
    }
    if (known) this.drop(entry.id);
    const before = this.#met.get(this.#pair(entry));
    this.#meet(entry, offer, before === undefined ? 0 : before + 1);
    if (before !== undefined || unsure) this.#greet(this.#members.get(entry.id));
  }

  drop(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    const pair = this.#pair(member.peer);
    this.#met.delete(pair);
    this.#met.set(pair, member.meeting);
    limit(this.#met);
    for (const { done } of member.outbox.abandon()) done(gone(id));
    this.#owner.tell('peer-left', member.peer);
  }

  /** Counts everybody as left. */
  forget(): void {
    for (const id of this.#members.keys()) this.drop(id);
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
        member.outbox.post({ type, data, done }, Date.now());
      } else if (this.#owner.write({ type, to, data })) done();
      else done(new RoomError('rejected', 'There is no connection: send it again.'));
    });
  }

  /** A signal came: it is handed on once, in order, and acknowledged. */
  signal(frame: Frame, type: SignalType): void {
    const member = this.#memberAt(frame);
    if (!member) return;
    const listens = this.#owner.listens();
    if (!listens && member.held.length >= MOST_HELD) return;
    if (member.peer.dialect === 'v1') {
      const n = numberOf(frame.id, member.peer.session);
      const taken = n === undefined ? 'early' : member.inbox.take(n);
      if (taken === 'early') return;
      this.#write(member, 'ack', frame.id);
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
    const member = this.#memberAt(frame);
    const n = numberOf(frame.id, this.#owner.session());
    if (n !== undefined) member?.outbox.acknowledge(n)?.done();
    else if (member && (frame.data as Mark | undefined)?.greets) this.#greet(member, false);
  }

  /** This client is connected again: what has no receipt yet is sent once more. */
  repeat(): void {
    for (const { outbox } of this.#members.values()) outbox.repeat(Date.now(), true);
  }

  /** To be called often, while there is a connection; `heardAt`: when anything came over it last. */
  tick(now: number, heardAt: number): void {
    for (const member of this.#members.values()) {
      const { outbox, peer, awayAt, missingUntil, greetAt } = member;
      // A connection that is silent may be dead, and its news of a return lost with it.
      if (heardAt >= missingUntil) this.drop(peer.id);
      else if (now >= awayAt) {
        member.awayAt = NEVER;
        this.moved(peer.id, 'peer-away');
      } else if (peer.status === 'here') {
        if (now >= outbox.due) {
          outbox.repeat(now);
          this.#owner.ask(now);
        }
        if (now >= greetAt) this.#greet(member);
      }
    }
  }

  abandon(error: RoomError): void {
    for (const { outbox } of this.#members.values()) for (const { done } of outbox.abandon()) done(error);
  }

  #meet(peer: RoomPeer, offer: boolean, meeting: number): void {
    const outbox = new Outbox<Signal>((n, { type, data }) => {
      this.#write(member, type, `${this.#owner.session()}.${n}`, data);
    });
    const [inbox, never] = [new Inbox(), NEVER];
    const member: Member = {
      ...{ peer, offer, meeting, outbox, inbox, held: [] },
      ...{ greetAt: never, awayAt: never, missingUntil: never },
    };
    this.#members.set(peer.id, member);
    this.#owner.tell('peer-joined', { peer, offer });
  }

  /** An `ack` of nothing: its mark is what matters. */
  #greet(member: Member | undefined, greets = true): void {
    if (!member) return;
    if (greets) member.greetAt = Date.now() + GREET_EVERY;
    this.#write(member, 'ack', `${member.peer.session}.0`, greets ? { greets } : {});
  }

  #pair({ session }: RoomPeer): string {
    return `${this.#owner.session()} ${session}`;
  }

  #write(
    { peer, meeting, offer }: Member,
    type: SignalType | 'ack',
    id: string | undefined,
    data?: object,
  ): void {
    const mark: Mark = { session: peer.session, by: this.#owner.session(), meeting, offers: offer };
    this.#owner.write({ type, to: peer.id, id, data: { ...data, ...mark } });
  }

  /** Whom a message is from, if it belongs to the present meeting of both. */
  #memberAt(frame: Frame): Member | undefined {
    const member = this.#members.get(frame.from);
    const { session, by, meeting, offers } = (frame.data ?? {}) as Mark;
    const own = this.#owner.session();
    if (!member || (session !== undefined && session !== own)) return undefined;
    if (by === undefined || meeting === undefined) return member;
    if (by !== member.peer.session) return undefined;
    if (meeting > member.meeting) {
      this.#renew(member, !offers, meeting);
    } else if (meeting < member.meeting || offers === member.offer) {
      // One of two that both make the offer, or both wait for it, begins anew.
      if (meeting === member.meeting && own < by) this.#renew(member, true, meeting + 1);
      if (frame.type !== 'ack' || meeting === member.meeting) this.#greet(this.#members.get(frame.from));
      return undefined;
    }
    const present = this.#members.get(frame.from);
    if (present) present.greetAt = NEVER;
    return present;
  }

  #renew({ peer }: Member, offer: boolean, meeting: number): void {
    this.drop(peer.id);
    this.#meet(peer, offer, meeting);
  }
}

function gone(id: string): RoomError {
  return new RoomError('peer-left', `${JSON.stringify(id)} is not in the room.`);
}
