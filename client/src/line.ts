import { backoff } from './backoff.ts';
import { closeError, RoomError } from './errors.ts';
import { NEVER } from './mailbox.ts';
import { serverOf, tokenOf } from './options.ts';
import type { RoomOptions } from './types.ts';
import type { Frame, Outgoing, Welcome } from './wire.ts';

const SUBPROTOCOL = 'record-meet.v1';
/** How long a server has to answer, ms. */
const ANSWER_WITHIN = 10_000;
/** Closes by which the server sees that its peer leaves, or that it only takes another socket. */
const LEAVE = 1000;
const GIVEN_UP = 4000;
/** How long after it was given up a socket may still come through to the server, ms. */
const LATE = 60_000;

/** Whom the line serves. */
export interface LineOwner {
  /** What is offered on each connect: the seat, and the query with what was seen of the chat. */
  offer(): { seat: string; query: string };
  /** A socket was let in: it is the one in use from now on. */
  welcomed(welcome: Welcome): void;
  /** Any further frame of the socket in use. */
  received(frame: Frame): void;
  /** There is no socket any more; another one is being tried. */
  lost(): void;
  /** The server wants nobody back. */
  refused(error: RoomError): void;
  /** Something went wrong that ends nothing. */
  failed(error: RoomError): void;
}

/**
 * The connection to the server: one socket after another, until it is closed or refused for good. It is one state
 * machine of at most two sockets.
 */
export class Line {
  /** How long the server may be silent before it is pinged, ms. */
  heartbeatMs = 25_000;
  /** When the server was heard last, ms since 1970. */
  heardAt = 0;
  readonly #options: RoomOptions;
  readonly #owner: LineOwner;
  readonly #hurry = () => {
    if (this.#socket) this.ask(Date.now());
    else void this.connect();
  };
  /** The socket in use. */
  #socket: WebSocket | undefined;
  /** A newer one, until its first frame makes it the one in use. */
  #next: WebSocket | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #connecting = false;
  /** Aborts when the line is closed. */
  readonly end = new AbortController();
  #attempt = 0;
  #tokenRefused = false;
  #pingedAt = 0;
  /** How many sockets were given up that may come through and take this client's own place, and until when. */
  #late = 0;
  #lateUntil = 0;
  /** The longest message that the server takes, bytes. */
  #most = NEVER;

  constructor(options: RoomOptions, owner: LineOwner) {
    this.#options = options;
    this.#owner = owner;
    // The network or the tab is back: no reason to wait, and the socket may have died unnoticed.
    const { signal } = this.end;
    globalThis.addEventListener?.('online', this.#hurry, { signal });
    globalThis.document?.addEventListener('visibilitychange', this.#hurry, { signal });
  }

  get #closed(): boolean {
    return this.end.signal.aborted;
  }

  /** Opens a socket, unless one is on its way. The one in use serves until the new one is let in. */
  async connect(): Promise<void> {
    if (this.#connecting || this.#next || this.#closed) return;
    this.#connecting = true;
    clearTimeout(this.#retry);
    try {
      const { room, peerId, connect = (address, entries) => new WebSocket(address, entries) } = this.#options;
      const token = await tokenOf(this.#options);
      if (this.#closed) return;
      const { seat, query } = this.#owner.offer();
      const entries = [SUBPROTOCOL];
      if (token) entries.push(`token.${token}`);
      if (seat) entries.push(`seat.${seat}`);
      const place = `/ws/${encodeURIComponent(room)}/${encodeURIComponent(peerId)}`;
      this.#open(connect(`${serverOf(this.#options)}${place}${query}`, entries));
    } catch (error) {
      this.#later();
      this.#owner.failed(new RoomError('rejected', `Could not connect: ${error}`));
    } finally {
      this.#connecting = false;
    }
  }

  /**
   * Sends a message; false, if there is no connection. One that can't be sent is refused as the server refuses: it
   * would close the connection for one that is too long, and again each time that it is repeated.
   */
  write(message: Outgoing): boolean {
    // 1: OPEN, of any WebSocket.
    if (this.#socket?.readyState !== 1) return false;
    try {
      const text = JSON.stringify(message);
      if (new Blob([text]).size > this.#most) throw new Error('It is too long.');
      this.#socket.send(text);
    } catch (error) {
      this.#owner.received({ type: 'error', id: message.id, data: error } as Frame);
    }
    return true;
  }

  /** To be called often: asks a silent server for a sign of life, and gives a dead one up. */
  tick(now: number): void {
    if (!this.#socket) return;
    if (this.heardAt < this.#pingedAt) {
      if (now - this.#pingedAt >= ANSWER_WITHIN) this.#giveUp(this.#socket);
    } else if (now - this.heardAt >= this.heartbeatMs) this.ask(now);
  }

  /** Leaves, for good. */
  close(): void {
    this.end.abort();
    clearTimeout(this.#retry);
    clearTimeout(this.#deadline);
    for (const socket of [this.#socket, this.#next]) if (socket) release(socket, LEAVE);
    this.#socket = undefined;
    this.#next = undefined;
  }

  /** Asks for a sign of life, unless one is waited for already. */
  ask(now: number): void {
    if (this.heardAt < this.#pingedAt) return;
    this.#pingedAt = now;
    this.write({ type: 'ping' });
  }

  #open(socket: WebSocket): void {
    this.#next = socket;
    this.#deadline = setTimeout(() => this.#giveUp(socket), ANSWER_WITHIN);
    socket.onmessage = ({ data }) => {
      this.heardAt = Date.now();
      const frame = parse(data);
      if (!frame) return this.#owner.failed(new RoomError('rejected', 'No signaling server: look at `url`.'));
      if (socket === this.#socket) return this.#owner.received(frame);
      if (socket === this.#next && frame.type === 'peers' && frame.session) this.#use(socket, frame.session);
    };
    socket.onclose = ({ code }) => this.#lost(socket, code);
  }

  #use(socket: WebSocket, welcome: Welcome): void {
    const before = this.#socket;
    clearTimeout(this.#deadline);
    clearTimeout(this.#retry);
    this.#socket = socket;
    this.#next = undefined;
    this.#attempt = 0;
    this.#tokenRefused = false;
    this.heartbeatMs = welcome.heartbeatSeconds * 1000;
    this.#most = welcome.limits.messageBytes || NEVER;
    if (before) release(before, GIVEN_UP);
    this.#owner.welcomed(welcome);
  }

  #giveUp(socket: WebSocket): void {
    this.#late = Date.now() < this.#lateUntil ? this.#late + 1 : 1;
    this.#lateUntil = Date.now() + LATE;
    this.#lost(socket, 1006);
  }

  /** A socket has ended, or counts as ended. One that was replaced already is nobody's. */
  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket && socket !== this.#next) return;
    if (socket === this.#next) clearTimeout(this.#deadline);
    const served = this.#socket;
    if (socket === this.#socket) this.#socket = undefined;
    else this.#next = undefined;
    release(socket, GIVEN_UP);
    const again = code === 4501 && this.#options.getToken && !this.#tokenRefused;
    // Replaced, perhaps, by an older socket or by the next one of this client itself: once for each it comes back.
    const isLate = this.#late > 0 && Date.now() < this.#lateUntil;
    const byOwn = code === 4510 && (this.#next !== undefined || isLate);
    if (again) this.#tokenRefused = true;
    else if (byOwn) this.#late = Math.max(0, this.#late - 1);
    else if (code >= 4500) return this.#owner.refused(closeError(code));
    this.#later();
    if (served && !this.#socket) this.#owner.lost();
  }

  #later(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.connect(), backoff(this.#attempt++));
  }
}

/** Closes a socket that nobody listens to any more. */
function release(socket: WebSocket, code: typeof LEAVE | typeof GIVEN_UP): void {
  socket.onmessage = null;
  socket.onclose = null;
  socket.close(code);
}

function parse(data: unknown): Frame | undefined {
  try {
    const frame = JSON.parse(data as string);
    return typeof frame === 'object' && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}
