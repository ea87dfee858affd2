import { backoff } from './backoff.ts';
import { closeError, RoomError } from './errors.ts';
import { Inbox, numberOf, Outbox } from './mailbox.ts';
import type { ChatMessage, RoomEvents, RoomOptions, RoomPeer, RoomStatus, SignalType } from './types.ts';
import type { Entry, Frame, Welcome } from './wire.ts';

const SUBPROTOCOL = 'record-meet.v1';
/** How long a server has to answer, ms. */
const ANSWER_WITHIN = 10_000;
/** How often the mailboxes and the server are looked after, ms. */
const TICK = 250;

interface Signal {
  type: SignalType;
  data: object;
  done(error?: RoomError): void;
}

/** A peer with its mailboxes, which begin anew with each of its sessions. */
interface Member {
  peer: RoomPeer;
  outbox: Outbox<Signal>;
  inbox: Inbox;
  /** When one that a new server does not know counts as left, ms since 1970. */
  missingUntil: number;
}

interface Chat {
  id: string;
  to: string | undefined;
  data: unknown;
  resolve(message: ChatMessage): void;
  reject(error: RoomError): void;
}

/** A room as one of its peers sees it; `joinRoom` makes it. */
export class Room {
  readonly id: string;
  readonly peerId: string;
  /** Resolves when the room is joined for the first time; rejects if it never is. */
  readonly joined: Promise<void>;
  readonly #options: RoomOptions;
  readonly #settled = Promise.withResolvers<void>();
  readonly #members = new Map<string, Member>();
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  readonly #ticker = setInterval(() => this.#tick(), TICK);
  readonly #comeBack = () => this.#hurry();
  #status: RoomStatus = 'connecting';
  /** The socket in use. */
  #socket: WebSocket | undefined;
  /** A newer one, until its first frame makes it the one in use. */
  #next: WebSocket | undefined;
  #connecting = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #tokenRefused = false;
  #session = '';
  #seat = '';
  #since: number | undefined;
  #state: object | undefined;
  #chats: Chat[] = [];
  #chatCount = 0;
  #heartbeatMs = 25_000;
  #heardAt = 0;
  #pingedAt = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.id = options.room;
    this.peerId = options.peerId;
    this.joined = this.#settled.promise;
    this.joined.catch(() => {}); // who does not wait for it hears `closed`
    globalThis.addEventListener?.('online', this.#comeBack);
    globalThis.document?.addEventListener('visibilitychange', this.#comeBack);
    options.signal?.addEventListener('abort', () => this.leave(), { once: true });
    if (options.signal?.aborted) this.leave();
    else void this.#connect();
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
    return Array.from(this.#members.values(), ({ peer }) => peer);
  }

  /** Listens; the answer ends that. */
  on<E extends keyof RoomEvents>(event: E, listener: (event: RoomEvents[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener as (event: never) => void));
    return () => listeners.delete(listener as (event: never) => void);
  }

  /**
   * Sends an offer, an answer or a candidate to one peer: exactly once, in order, whatever fails in between.
   * Resolves with its receipt (a plain peer gives none); rejects with `peer-left`.
   */
  send(to: string, type: SignalType, data: object): Promise<void> {
    const member = this.#members.get(to);
    if (!member) return Promise.reject(gone(to));
    return new Promise((resolve, reject) => {
      const done = (error?: RoomError) => (error ? reject(error) : resolve());
      if (member.peer.dialect === 'v1') {
        // Its run is named, as one that comes after it must not take this for its own.
        member.outbox.post({ type, data: { ...data, session: member.peer.session }, done }, Date.now());
      } else if (this.#write({ type, to, data })) done();
      else
        done(
          new RoomError('rejected', 'There is no connection, and a plain peer can be sent nothing later.'),
        );
    });
  }

  /** Sends a chat message to all, or to one. Resolves with its echo, also over a reconnect. */
  chat(data: unknown, to?: string): Promise<ChatMessage> {
    if (this.#status === 'closed') return Promise.reject(new RoomError('aborted', 'The room was left.'));
    return new Promise((resolve, reject) => {
      const chat = { id: `c${++this.#chatCount}`, to, data, resolve, reject };
      this.#chats.push(chat);
      this.#write({ type: 'chat', to, data, id: chat.id });
    });
  }

  /** Shows the others a new public state in place of the old one: a name, muted or not, a raised hand. */
  setState(state: object): void {
    this.#state = state;
    this.#write({ type: 'state', data: state });
  }

  /** Removes a peer; for hosts. */
  remove(peerId: string): void {
    this.#write({ type: 'remove', to: peerId });
  }

  /** Leaves the room for good. A second time does nothing. */
  leave(): void {
    this.#finish(undefined);
  }

  async #connect(): Promise<void> {
    if (this.#connecting || this.#next || this.#status === 'closed') return;
    this.#connecting = true;
    clearTimeout(this.#retry);
    try {
      const {
        url,
        getToken,
        connect = (address, entries) => new WebSocket(address, entries),
      } = this.#options;
      const token = getToken ? await getToken() : this.#options.token;
      if (this.#isClosed()) return;
      const entries = [SUBPROTOCOL];
      if (token) entries.push(`token.${token}`);
      if (this.#seat) entries.push(`seat.${this.#seat}`);
      const place = `/ws/${encodeURIComponent(this.id)}/${encodeURIComponent(this.peerId)}`;
      const since = this.#since === undefined ? '' : `?since=${this.#since}`;
      this.#open(connect(`${url.replace(/\/$/, '')}${place}${since}`, entries));
    } catch (error) {
      this.#emit('error', new RoomError('rejected', `Could not connect: ${(error as Error).message}`));
      this.#later();
    } finally {
      this.#connecting = false;
    }
  }

  #open(socket: WebSocket): void {
    this.#next = socket;
    const deadline = setTimeout(() => this.#lost(socket, 1006), ANSWER_WITHIN);
    socket.onmessage = ({ data }) => {
      clearTimeout(deadline);
      this.#heardAt = Date.now();
      this.#receive(socket, JSON.parse(data as string));
    };
    socket.onclose = ({ code }) => {
      clearTimeout(deadline);
      this.#lost(socket, code);
    };
  }

  /** A socket has ended, or counts as ended. One that was replaced already is nobody's. */
  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket && socket !== this.#next) return;
    if (socket === this.#socket) this.#socket = undefined;
    if (socket === this.#next) this.#next = undefined;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    const again = code === 4501 && this.#options.getToken && !this.#tokenRefused;
    if (again) this.#tokenRefused = true;
    else if (code >= 4500) return this.#finish(closeError(code));
    if (this.#socket) return this.#later(); // the old one still serves
    if (this.#status === 'connected') this.#become('reconnecting');
    this.#later();
  }

  #later(): void {
    clearTimeout(this.#retry);
    if (this.#status === 'closed') return;
    this.#retry = setTimeout(() => void this.#connect(), backoff(this.#attempt++, Math.random()));
  }

  /** The network or the tab is back: no reason to wait. */
  #hurry(): void {
    if (this.#status === 'reconnecting' && globalThis.document?.visibilityState !== 'hidden')
      void this.#connect();
  }

  #receive(socket: WebSocket, frame: Frame): void {
    if (socket === this.#next && frame.type === 'peers' && frame.session)
      return this.#welcomed(socket, frame.session);
    if (socket !== this.#socket) return;
    switch (frame.type) {
      case 'new-peer':
        if (frame.peer) this.#add(frame.peer, true);
        return;
      case 'peer-left':
        return this.#drop(frame.data as string);
      case 'peer-away':
      case 'peer-back':
        return this.#moved(frame.data as string, frame.type);
      case 'state':
        return this.#change(frame.from, { state: frame.data as RoomPeer['state'] }, 'peer-state');
      case 'offer':
      case 'answer':
      case 'ice':
        return this.#signal(frame, frame.type);
      case 'ack':
        return this.#acknowledged(frame);
      case 'chat':
        return this.#chatted(frame);
      case 'error':
        return this.#failed(frame);
      case 'go-away':
        return void this.#connect();
    }
  }

  /** The first frame of a socket: it is the one in use from now on, and the roster is as it says. */
  #welcomed(socket: WebSocket, welcome: Welcome): void {
    const before = this.#socket;
    this.#next = undefined;
    this.#socket = socket;
    this.#attempt = 0;
    this.#tokenRefused = false;
    this.#session = welcome.id;
    this.#seat = welcome.seat;
    this.#heartbeatMs = welcome.heartbeatSeconds * 1000;
    before?.close(1000);
    const first = this.#status === 'connecting';
    const here = new Set(welcome.peers.map(({ id }) => id));
    for (const [id, member] of this.#members) {
      if (here.has(id)) continue;
      // A server that knows this client knows who left; a new one may not have seen the others come back yet.
      if (welcome.resumed) this.#drop(id);
      else {
        member.missingUntil = Date.now() + welcome.graceSeconds * 1000;
        this.#moved(id, 'peer-away');
      }
    }
    // Who is new to one that comes back came later than it.
    for (const entry of welcome.peers)
      if (entry.id !== this.peerId) this.#add(entry, !first && welcome.resumed);
    this.#emit('ice-servers', { iceServers: welcome.iceServers, expiresAt: welcome.iceServersExpireAt });
    if (!welcome.chat.complete) this.#emit('chat-gap', undefined);
    for (const message of welcome.chat.messages) this.#chatted(message);
    this.#since ??= 0; // from now on what is missed shows
    if (this.#state) this.setState(this.#state);
    for (const { id, to, data } of this.#chats) this.#write({ type: 'chat', to, data, id });
    for (const { outbox } of this.#members.values()) outbox.repeat(Date.now(), true);
    this.#become('connected');
    this.#settled.resolve();
  }

  #add(entry: Entry, offer: boolean): void {
    const known = this.#members.get(entry.id);
    if (known?.peer.session === entry.session) {
      const { status } = known.peer;
      known.peer = entry;
      known.missingUntil = Infinity;
      if (status === entry.status) return this.#emit('peer-state', entry);
      return this.#moved(entry.id, entry.status === 'away' ? 'peer-away' : 'peer-back');
    }
    if (known) this.#drop(entry.id);
    const outbox = new Outbox<Signal>((n, { type, data }) => {
      this.#write({ type, to: entry.id, data, id: `${this.#session}.${n}` });
    });
    this.#members.set(entry.id, { peer: entry, outbox, inbox: new Inbox(), missingUntil: Infinity });
    this.#emit('peer-joined', { peer: entry, offer });
  }

  #drop(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    for (const { done } of member.outbox.abandon()) done(gone(id));
    this.#emit('peer-left', member.peer);
  }

  #moved(id: string, event: 'peer-away' | 'peer-back'): void {
    this.#change(id, { status: event === 'peer-away' ? 'away' : 'here' }, event);
    if (event === 'peer-back') this.#members.get(id)?.outbox.repeat(Date.now(), true);
  }

  #change(id: string, change: Partial<RoomPeer>, event: 'peer-away' | 'peer-back' | 'peer-state'): void {
    const member = this.#members.get(id);
    if (!member) return;
    member.peer = { ...member.peer, ...change };
    this.#emit(event, member.peer);
  }

  #signal(frame: Frame, type: SignalType): void {
    const member = this.#members.get(frame.from);
    if (!member) return;
    const meant = (frame.data as { session?: string } | null)?.session;
    if (meant !== undefined && meant !== this.#session) return; // for the run before this one
    const n = numberOf(frame.id, member.peer.session);
    if (member.peer.dialect === 'v1') {
      const taken = n === undefined ? 'early' : member.inbox.take(n);
      if (taken === 'early') return;
      this.#write({ type: 'ack', to: frame.from, id: frame.id });
      if (taken === 'repeated') return;
    }
    this.#emit('signal', { type, from: member.peer, data: frame.data });
  }

  #acknowledged(frame: Frame): void {
    const n = numberOf(frame.id, this.#session);
    if (n !== undefined) this.#members.get(frame.from)?.outbox.acknowledge(n)?.done();
  }

  #chatted(frame: Frame): void {
    const { from, data, to, seq, time = '' } = frame;
    if (seq !== undefined) {
      if (seq <= (this.#since ?? 0)) return this.#echoed(frame, { from, data, seq, time });
      this.#since = seq;
    }
    const message = {
      from,
      data,
      time,
      ...(to === undefined ? {} : { to }),
      ...(seq === undefined ? {} : { seq }),
    };
    this.#emit('chat', message);
    this.#echoed(frame, message);
  }

  #echoed(frame: Frame, message: ChatMessage): void {
    if (frame.from !== this.peerId) return;
    const sent = this.#chats.find(({ id }) => id === frame.id);
    this.#chats = this.#chats.filter((chat) => chat !== sent);
    sent?.resolve(message);
  }

  #failed(frame: Frame): void {
    const { code, message } = frame.data as { code: string; message: string };
    const error = new RoomError('rejected', message, code);
    const chat = this.#chats.find(({ id }) => id === frame.id);
    if (chat && code !== 'rate-limited') {
      this.#chats = this.#chats.filter((one) => one !== chat);
      return chat.reject(error);
    }
    // A signal without its receipt is sent again, or its peer leaves: nobody has to hear of it.
    if (numberOf(frame.id, this.#session) === undefined) this.#emit('error', error);
  }

  #tick(): void {
    const now = Date.now();
    if (!this.#socket) return;
    for (const { outbox, peer, missingUntil } of this.#members.values()) {
      if (now >= missingUntil) this.#drop(peer.id);
      if (now >= outbox.due && peer.status === 'here') outbox.repeat(now);
    }
    if (this.#heardAt < this.#pingedAt && now - this.#pingedAt > ANSWER_WITHIN)
      this.#lost(this.#socket, 1006);
    else if (now - Math.max(this.#heardAt, this.#pingedAt) > this.#heartbeatMs) {
      this.#pingedAt = now;
      this.#write({ type: 'ping' });
    }
  }

  #write(message: object): boolean {
    const { OPEN } = WebSocket;
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #isClosed(): boolean {
    return this.#status === 'closed';
  }

  #become(status: RoomStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#emit('status', status);
  }

  #finish(error: RoomError | undefined): void {
    if (this.#status === 'closed') return;
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
    globalThis.removeEventListener?.('online', this.#comeBack);
    globalThis.document?.removeEventListener('visibilitychange', this.#comeBack);
    for (const socket of [this.#socket, this.#next]) socket?.close(1000);
    this.#socket = undefined;
    this.#next = undefined;
    const ended = error ?? new RoomError('aborted', 'The room was left.');
    for (const chat of this.#chats) chat.reject(ended);
    for (const { outbox } of this.#members.values()) for (const { done } of outbox.abandon()) done(ended);
    this.#settled.reject(ended);
    this.#become('closed');
    this.#emit('closed', error);
  }

  #emit<E extends keyof RoomEvents>(event: E, value: RoomEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as (event: RoomEvents[E]) => void)(value);
      } catch (error) {
        // A listener that throws must not take the connection with it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function gone(id: string): RoomError {
  return new RoomError('peer-left', `${JSON.stringify(id)} is not in the room.`);
}

/** Joins a room of a signaling server; reconnects until it is left, or refused for good. */
export function joinRoom(options: RoomOptions): Room {
  return new Room(options);
}
