import { Chats } from './chats.ts';
import { Emitter } from './emitter.ts';
import { RoomError } from './errors.ts';
import { IceRenewal } from './ice.ts';
import { Line } from './line.ts';
import { NEVER, numberOf } from './mailbox.ts';
import { Members } from './members.ts';
import type { ChatMessage, RoomEvents, RoomOptions, RoomPeer, RoomStatus, SignalType } from './types.ts';
import type { Frame, Welcome } from './wire.ts';

/** How often the mailboxes and the server are looked after, ms. */
const TICK = 250;
/** How long after it was refused for its rate a state is shown again, ms. */
const STATE_AGAIN = 1_000;
/** Marks the errors that a state earns. */
const STATE_ID = 'state';

/**
 * A room as one of its peers sees it; `joinRoom` makes it. What its methods do is in the files of its line, members,
 * chats and ICE servers; here it is one object, as those who use it know it.
 */
export class Room extends Emitter<RoomEvents> {
  readonly id: string;
  readonly peerId: string;
  /** Resolves when the room is joined for the first time; rejects if it never is. */
  readonly joined: Promise<void>;
  readonly #settled = Promise.withResolvers<void>();
  readonly #line: Line;
  readonly #members: Members;
  readonly #chats: Chats;
  readonly #ice: IceRenewal;
  readonly #ticker = setInterval(() => this.#tick(), TICK);
  #status: RoomStatus = 'connecting';
  #session = '';
  #seat = '';
  #chatLog = '';
  #iceServers: RTCIceServer[] = [];
  #state: object | undefined;
  #stateDue = NEVER;

  constructor(options: RoomOptions) {
    super();
    this.id = options.room;
    this.peerId = options.peerId;
    this.joined = this.#settled.promise;
    this.joined.catch(() => {}); // who does not wait for it hears `closed`
    const write: Line['write'] = (message) => this.#line.write(message);
    const failed = (error: RoomError) => this.emit('error', error);
    this.#chats = new Chats(write);
    this.#members = new Members({
      peerId: this.peerId,
      session: () => this.#session,
      write,
      ask: (now) => this.#line.ask(now),
      listens: () => this.isHeard('signal'),
      tell: (event, value) => this.emit(event, value),
    });
    this.#ice = new IceRenewal(options, (servers) => this.#use(servers), failed);
    this.#line = new Line(options, {
      offer: () => {
        const { since } = this.#chats;
        const query = since === undefined ? '' : `?since=${since}&log=${encodeURIComponent(this.#chatLog)}`;
        return { seat: this.#seat, query };
      },
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (frame) => this.#receive(frame),
      lost: () => this.#become('reconnecting'),
      refused: (error) => this.#finish(error),
      failed,
    });
    const { signal } = options;
    // Its options take a `signal`, and `end` has one: once the line is closed nobody listens any more.
    signal?.addEventListener('abort', () => this.leave(), this.#line.end);
    if (signal?.aborted) this.leave();
    else void this.#line.connect();
  }

  get status(): RoomStatus {
    return this.#status;
  }

  /** This client's session id; empty until the room is joined. */
  get session(): string {
    return this.#session;
  }

  /** The others in the room, in the order of joining. */
  get peers(): RoomPeer[] {
    return this.arrivals.map(({ peer }) => peer);
  }

  /** The others in the order of joining, and whether this side makes the first offer. */
  get arrivals(): RoomEvents['peer-joined'][] {
    return this.#members.arrivals;
  }

  /** The STUN and TURN servers that are good now; none until the room is joined. */
  get iceServers(): RTCIceServer[] {
    return this.#iceServers;
  }

  /** Listens. Signals that came before anybody listened to them are handed on then. */
  override on<E extends keyof RoomEvents>(
    event: E,
    listener: (event: RoomEvents[E]) => void,
    options?: { signal?: AbortSignal | undefined },
  ): () => void {
    const stop = super.on(event, listener, options);
    if (event === 'signal') queueMicrotask(() => this.#members.release());
    return stop;
  }

  /**
   * Sends an offer, an answer or a candidate to one peer: exactly once, in order, whatever fails in between.
   * Resolves with its receipt (a plain peer gives none); rejects with `peer-left`, or `aborted` after `leave()`.
   * That one is too long, or no JSON, is told as an `error`.
   */
  send(to: string, type: SignalType, data: object): Promise<void> {
    return this.#status === 'closed' ? Promise.reject(left()) : this.#members.send(to, type, data);
  }

  /**
   * Sends a chat message to all, or to one. Resolves with its echo, also over a reconnect; rejects with `rejected`
   * if the server refuses it, or if it is too long or no JSON.
   */
  chat(data: unknown, to?: string): Promise<ChatMessage> {
    return this.#status === 'closed' ? Promise.reject(left()) : this.#chats.send(data, to);
  }

  /**
   * Shows the others a new public state in place of the old one: a name, muted or not, a raised hand. That it is too
   * long, or no JSON, is told as an `error`.
   */
  setState(state: object): void {
    this.#state = state;
    this.#show();
  }

  /** Removes a peer; for hosts. */
  remove(peerId: string): void {
    this.#line.write({ type: 'remove', to: peerId });
  }

  /** Tells the operator what became of the media connection to a peer; lost without a connection. */
  report(peerId: string, data: object): void {
    this.#line.write({ type: 'report', to: peerId, data });
  }

  /** Leaves the room for good. A second time does nothing. */
  leave(): void {
    this.#finish();
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case 'peers':
        // Their instance and this one's could not reach each other: they make the offer.
        for (const entry of frame.roster ?? []) this.#members.add(entry, false);
        return;
      case 'new-peer':
        if (frame.peer) this.#members.add(frame.peer, true);
        return;
      case 'peer-left':
        return this.#members.drop(frame.data as string);
      case 'peer-away':
      case 'peer-back':
        return this.#members.moved(frame.data as string, frame.type);
      case 'state':
        return this.#members.change(frame.from, { state: frame.data as RoomPeer['state'] }, 'peer-state');
      case 'offer':
      case 'answer':
      case 'ice':
        return this.#members.signal(frame, frame.type);
      case 'ack':
        return this.#members.acknowledged(frame);
      case 'chat':
        return this.#chatted(frame);
      case 'announcement':
        return this.emit('announcement', frame.data);
      case 'error':
        return this.#failed(frame);
      case 'go-away':
        return void this.#line.connect();
    }
  }

  /** The first frame of a socket: the roster, the chat and the servers are as it says. */
  #welcomed(welcome: Welcome): void {
    const known = welcome.resumed && welcome.chatLog === this.#chatLog;
    // Under another session id the others know nothing of this client, whatever it knows of them.
    if (this.#session !== welcome.id) this.#members.forget();
    this.#session = welcome.id;
    this.#seat = welcome.seat;
    this.#chatLog = welcome.chatLog;
    this.#iceServers = welcome.iceServers;
    this.#members.welcome(welcome, this.#status !== 'connecting', known);
    if (this.status === 'closed') return; // a listener has left
    const servers = { iceServers: welcome.iceServers, expiresAt: welcome.iceServersExpireAt };
    this.#ice.schedule(servers);
    this.#use(servers);
    if (!welcome.chat.complete) this.emit('chat-gap', undefined);
    for (const message of this.#chats.missed(welcome.chat)) this.#chatted(message);
    if (this.#state) this.#show();
    this.#chats.repeat();
    this.#members.repeat();
    this.#become('connected');
    this.#settled.resolve();
  }

  #use(servers: RoomEvents['ice-servers']): void {
    this.#iceServers = servers.iceServers;
    this.emit('ice-servers', servers);
  }

  #chatted(frame: Frame): void {
    const message = this.#chats.take(frame, this.peerId);
    if (message) this.emit('chat', message);
  }

  #failed({ id, data }: Frame): void {
    const { code, message } = data as { code?: string; message: string };
    const error = new RoomError('rejected', message, code);
    if (this.#chats.refused(id, error)) return;
    if (id === STATE_ID && code === 'rate-limited') {
      this.#stateDue = Date.now() + STATE_AGAIN;
      return;
    }
    // A signal without its receipt is sent again, or its peer leaves: nobody has to hear of it, unless it can't be sent.
    if (!code || numberOf(id, this.#session) === undefined) this.emit('error', error);
  }

  #show(): void {
    this.#stateDue = NEVER;
    this.#line.write({ type: 'state', data: this.#state, id: STATE_ID });
  }

  #tick(): void {
    const now = Date.now();
    void this.#ice.tick(now);
    if (this.#status === 'connected') {
      this.#members.tick(now, this.#line.heardAt);
      this.#chats.repeat(now);
      if (now >= this.#stateDue) this.#show();
    }
    this.#line.tick(now);
  }

  #become(status: RoomStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    this.emit('status', status);
  }

  #finish(error?: RoomError): void {
    if (this.#status === 'closed') return;
    clearInterval(this.#ticker);
    this.#line.close();
    const ended = error ?? left();
    this.#chats.abandon(ended);
    this.#members.abandon(ended);
    this.#settled.reject(ended);
    this.#become('closed');
    this.emit('closed', error);
  }
}

function left(): RoomError {
  return new RoomError('aborted', 'The room was left.');
}

/** Joins a room of a signaling server; reconnects until it is left, or refused for good. */
export function joinRoom(options: RoomOptions): Room {
  return new Room(options);
}
