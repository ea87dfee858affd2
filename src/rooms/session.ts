import { CloseCode, closeReason, ErrorCode } from '../protocol/codes.ts';
import { decode } from '../protocol/decode.ts';
import { Refusal } from '../protocol/refusal.ts';
import type { Connection } from './connection.ts';
import { complain, dispatch } from './dispatch.ts';
import { Flood } from './flood.ts';
import { say } from './frames.ts';
import { type Arrival, type Peer, stranger } from './peer.ts';
import { Probe } from './probe.ts';
import type { Rooms } from './rooms.ts';

/** Its token is checked, or who sits on its peer id is asked for a sign of life: what comes has to wait. */
type Joining = { state: 'joining'; waiting: Buffer[] };
type Seated = { state: 'seated'; peer: Peer };
type Gone = { state: 'gone' };

const GONE: Gone = { state: 'gone' };

/** One connection's conversation with the server: who is speaking, may it, and to whom. */
export class Session {
  readonly roomId: string;
  readonly peerId: string;
  readonly connection: Connection;
  readonly #rooms: Rooms;
  readonly #startedAt = performance.now();
  #is: Joining | Seated | Gone = { state: 'joining', waiting: [] };
  #messages = 0;
  #messagesFullAt = 0;
  #bytesFullAt = 0;
  #flood: Flood | undefined;
  #probe: Probe | undefined;
  #choked = false;

  constructor(rooms: Rooms, connection: Connection, roomId: string, peerId: string) {
    this.#rooms = rooms;
    this.connection = connection;
    this.roomId = roomId;
    this.peerId = peerId;
  }

  /**
   * Takes a place in the room, at once if nothing has to be asked first.
   *
   * @param admission checks what the newcomer brought; without it, it is a plain one that brought nothing
   */
  join(admission?: () => Promise<Arrival>): void {
    if (this.#rooms.draining) return this.close(CloseCode.Restart);
    if (!admission && !this.#rooms.find(this.roomId, this.peerId)) return this.#sit(stranger());
    this.connection.pause();
    this.#claim(admission).catch((error) => this.fail(error));
  }

  /** Section 3 of the protocol: who sits on a peer id. */
  async #claim(admission?: () => Promise<Arrival>): Promise<void> {
    const arrival = (await admission?.()) ?? stranger();
    // Nothing is awaited between the last look at the place and sitting down on it.
    while (this.#is.state === 'joining') {
      if (this.#rooms.draining) return this.close(CloseCode.Restart);
      const incumbent = this.#rooms.find(this.roomId, this.peerId);
      if (!incumbent) {
        this.#sit(arrival);
        break;
      }
      if (arrival.returning && incumbent.sessionId === arrival.sessionId) {
        this.#rooms.resume(incumbent, this, arrival);
        this.#seated(incumbent, 'peer resumed');
        break;
      }
      const { session } = incumbent;
      // The owner of the place, or of a place that nobody is on, need not ask.
      if (this.#rooms.owns(arrival, incumbent) || !session) {
        if (arrival.returning) arrival.evicted = new Set([...incumbent.evicted, incumbent.sessionId]);
        this.#rooms.dismiss(incumbent, CloseCode.Replaced);
      } else if (await session.probe()) {
        this.close(CloseCode.PeerIdInUse);
      } else if (this.#is.state === 'joining' && incumbent.session === session) {
        this.#rooms.dismiss(incumbent, 1006);
      }
    }
    this.connection.resume();
  }

  #sit(arrival: Arrival): void {
    const joined = this.#rooms.join(this, arrival);
    if (typeof joined === 'number') return this.close(joined);
    this.#seated(joined, 'peer joined');
  }

  #seated(peer: Peer, text: string): void {
    const waiting = this.#is.state === 'joining' ? this.#is.waiting : [];
    this.#is = { state: 'seated', peer };
    this.#rooms.log.info({ room: this.roomId, peer: this.peerId, dialect: peer.dialect }, text);
    for (const bytes of waiting) this.receive(bytes);
  }

  /** Whether this peer sits in its room. */
  get seated(): boolean {
    return this.#is.state === 'seated';
  }

  /** Asks a v1 client to move to another instance; false, if this is none. */
  goAway(data: { reason: string; withinMs: number }): boolean {
    if (this.#is.state !== 'seated' || this.#is.peer.dialect !== 'v1') return false;
    return this.send(say('go-away', this.#is.peer.room.stamp, data));
  }

  /** Whether this connection answers a ping within two seconds. */
  async probe(): Promise<boolean> {
    if (!this.connection.open) return false;
    this.#probe ??= new Probe(this.connection, () => {
      this.#probe = undefined;
    });
    return this.#probe.alive;
  }

  /** A pong came, with the mark of its ping: one from before the question is no answer to it. */
  pong(mark: string): void {
    if (mark === this.#probe?.mark) this.#probe.answer(true);
  }

  /** A ping came: it counts as a message, as its answer costs no less. `data` is what it carried. */
  ping(data: Uint8Array): void {
    if (this.#is.state === 'gone') return;
    if (!this.#mayPass(0)) return this.#overRate();
    const most = this.#rooms.limits.bufferedBytes;
    if (most > 0 && this.connection.buffered + data.length > most) this.#choke();
    else this.connection.pong(data);
  }

  /** A text frame came: `bytes` are valid UTF-8. */
  receive(bytes: Buffer): void {
    if (this.#is.state === 'gone') return;
    if (this.#is.state === 'joining') {
      this.#is.waiting.push(bytes);
      return;
    }
    this.#messages++;
    const { peer } = this.#is;
    const mayPass = this.#mayPass(bytes.length);
    const message = decode(bytes, bytes.toString(), peer.dialect);
    if (!mayPass) {
      complain(peer, ErrorCode.RateLimited, 'Too many messages or bytes per second.', message.id);
      this.#overRate();
    } else if ('code' in message) {
      complain(peer, message.code, message.message, message.id);
    } else {
      if (this.#rooms.tracing) {
        const { type, to } = message;
        this.#rooms.log.trace({ room: this.roomId, peer: this.peerId, type, to }, 'message');
      }
      dispatch(this.#rooms, peer, message);
    }
  }

  /** Whether one more message of `length` bytes is within both rates. */
  #mayPass(length: number): boolean {
    const now = performance.now();
    const messages = this.#rooms.messageRate.take(this.#messagesFullAt, 1, now);
    if (messages < 0) return false;
    const bytes = this.#rooms.byteRate.take(this.#bytesFullAt, length, now);
    if (bytes < 0) return false;
    this.#messagesFullAt = messages;
    this.#bytesFullAt = bytes;
    return true;
  }

  #overRate(): void {
    this.#flood ??= new Flood();
    if (this.#flood.refused(performance.now())) this.close(CloseCode.RateLimited);
  }

  /**
   * Sends one frame, unless too much waits for this peer already: then it is closed, so that one who does
   * not read can't fill the memory.
   *
   * @returns whether the frame went out
   */
  send(frame: Uint8Array): boolean {
    const { connection } = this;
    if (!connection.open) return false;
    const most = this.#rooms.limits.bufferedBytes;
    if (this.#choked || (most > 0 && connection.buffered + frame.length > most)) {
      this.#choke();
      return false;
    }
    try {
      connection.send(frame);
    } catch (error) {
      this.#choked = true;
      queueMicrotask(() => this.fail(error));
      return false;
    }
    return true;
  }

  /** Closes one who does not read: only when the broadcast under way is through, so that all hear the same. */
  #choke(): void {
    if (this.#choked) return;
    this.#choked = true;
    queueMicrotask(() => this.close(CloseCode.SlowConsumer));
  }

  /**
   * Closes the connection; the peer is out of its room, or away, at once, whenever the socket ends. From 4500
   * on a client should not come back: then no seat is kept.
   */
  close(code: CloseCode): void {
    if (!this.#end(code, code >= 4500)) return;
    this.connection.resume(); // a paused one would never read the answer to the close frame
    this.connection.close(code, closeReason[code]);
  }

  /** Ends a connection that is dead. */
  terminate(): void {
    this.#end(1006, false);
    this.connection.terminate();
  }

  /** Turns what was thrown into a close; of what should not happen the peer learns no more than that. */
  fail(error: unknown): void {
    if (error instanceof Refusal) return this.close(error.code);
    this.#rooms.log.error({ err: error, room: this.roomId, peer: this.peerId }, 'session failed');
    this.close(CloseCode.InternalError);
  }

  /**
   * The socket has ended, or is about to, by itself. A client that leaves closes with 1000, 1001 (its page
   * goes away) or no status (1005); `code` as in RFC 6455, section 7.4.
   */
  ended(code: number): void {
    this.#end(code, code === 1000 || code === 1001 || code === 1005);
  }

  #end(code: number, leaving: boolean): boolean {
    const was = this.#is;
    if (was.state === 'gone') return false;
    this.#is = GONE;
    this.#rooms.sessions.delete(this);
    this.#probe?.answer(false);
    const { roomId: room, peerId: peer } = this;
    if (was.state === 'joining') {
      // By us with this code, or the newcomer went before it had a place.
      this.#rooms.log.info({ room, peer, code }, 'join refused');
      return true;
    }
    const seconds = Math.round(performance.now() - this.#startedAt) / 1000;
    const fields = { room, peer, seconds, messages: this.#messages, code };
    this.#rooms.log.info(fields, this.#rooms.lose(was.peer, this, leaving));
    return true;
  }
}
