import { CloseCode, closeReason, ErrorCode } from '../protocol/codes.ts';
import { decode } from '../protocol/decode.ts';
import { Refusal } from '../protocol/refusal.ts';
import { join } from './claim.ts';
import { complain } from './complain.ts';
import type { Connection } from './connection.ts';
import { dispatch } from './dispatch.ts';
import { Flood } from './flood.ts';
import { say } from './frames.ts';
import { lose } from './lose.ts';
import type { Arrival, Peer } from './peer.ts';
import { Probe } from './probe.ts';
import type { Rooms } from './rooms.ts';
import { count } from './tally.ts';

/** Its token is checked, or who sits on its peer id is asked for a sign of life. */
type Joining = { state: 'joining' };
type Seated = { state: 'seated'; peer: Peer };
type Gone = { state: 'gone' };

const JOINING: Joining = { state: 'joining' };
const GONE: Gone = { state: 'gone' };

/**
 * One connection's conversation with the server: who is speaking, may it, and to whom. It is one class, as all of
 * it hangs on one state, and an object more for each part of it would be one more for each peer.
 */
export class Session {
  readonly roomId: string;
  readonly peerId: string;
  /** Names this connection, over all instances. */
  readonly conn: string;
  readonly connection: Connection;
  readonly #rooms: Rooms;
  readonly #startedAt = performance.now();
  #is: Joining | Seated | Gone = JOINING;
  /** What came while it has to wait: for a place, or until its last message is through. */
  #waiting: Buffer[] | undefined = [];
  #messages = 0;
  #messagesFullAt = 0;
  #bytesFullAt = 0;
  #flood: Flood | undefined;
  #probe: Probe | undefined;
  #choked = false;
  /** The code with which the socket ended, while its last messages are not through yet. */
  #endedWith: number | undefined;

  constructor(rooms: Rooms, connection: Connection, roomId: string, peerId: string, conn: string) {
    this.#rooms = rooms;
    this.connection = connection;
    this.roomId = roomId;
    this.peerId = peerId;
    this.conn = conn;
  }

  /** Asks for its place; what comes before it has one waits. `admission` as in `join` of claim.ts. */
  join(admission?: () => Promise<Arrival>): void {
    join(this.#rooms, this, admission);
    if (this.#is.state === 'joining') this.connection.pause();
  }

  /** It has its place: what came meanwhile is taken. */
  seat(peer: Peer): void {
    this.#is = { state: 'seated', peer };
    this.#goOn();
  }

  /** Whether this peer sits in its room. */
  get seated(): boolean {
    return this.#is.state === 'seated';
  }

  /** Whether its connection has ended, or is about to. */
  get gone(): boolean {
    return this.#is.state === 'gone';
  }

  /**
   * A message came, of which only text is taken: `bytes` are valid UTF-8 then. What goes wrong with it ends this
   * session, and nothing else.
   */
  receive(bytes: Buffer, isBinary = false): void {
    try {
      if (isBinary) this.close(CloseCode.UnsupportedData);
      else this.#take(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  #take(bytes: Buffer): void {
    if (this.#is.state === 'gone') return;
    if (this.#waiting || this.#is.state === 'joining') {
      this.#waiting?.push(bytes);
      return;
    }
    this.#messages++;
    const { peer } = this.#is;
    const mayPass = this.#mayPass(bytes.length);
    const message = decode(bytes, peer.dialect);
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
      const { tally } = this.#rooms;
      tally.message(message.type, bytes.length);
      const since = tally.sampled ? performance.now() : 0;
      const work = dispatch(this.#rooms, peer, message);
      if (since > 0) tally.observeRelay?.((performance.now() - since) / 1000);
      if (work) void this.#waitFor(work);
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
    this.#rooms.tally.rateLimited++;
    this.#flood ??= new Flood();
    if (this.#flood.refused(performance.now())) this.close(CloseCode.RateLimited);
  }

  /** A ping came: it counts as a message, as its answer costs no less. `data` is what it carried. */
  ping(data: Uint8Array): void {
    if (this.#is.state === 'gone') return;
    if (!this.#mayPass(0)) return this.#overRate();
    if (this.#tooMuch(data.length)) this.#choke(new Refusal(CloseCode.SlowConsumer));
    else this.connection.pong(data);
  }

  /** Lets nothing more through until `work` is done: what one peer sends arrives in the order of sending. */
  async #waitFor(work: Promise<void>): Promise<void> {
    this.#waiting = [];
    this.connection.pause();
    try {
      await work;
      this.#goOn();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Takes what had to wait, and then what comes. */
  #goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    // If one of them has to be waited for, the rest waits again.
    for (const bytes of waiting) this.receive(bytes);
    if (this.#waiting) return;
    if (this.#endedWith !== undefined) this.ended(this.#endedWith);
    else this.connection.resume();
  }

  /**
   * Sends one frame, unless too much waits for this peer already: then it is closed, so that one who does
   * not read can't fill the memory.
   *
   * @returns whether the frame went out
   */
  send(frame: Uint8Array): boolean {
    if (this.#choked || !this.connection.open) return false;
    if (this.#tooMuch(frame.length)) return this.#choke(new Refusal(CloseCode.SlowConsumer));
    try {
      this.connection.send(frame);
      return true;
    } catch (error) {
      return this.#choke(error);
    }
  }

  /** Whether `length` bytes more would be too much output for a peer that does not read. */
  #tooMuch(length: number): boolean {
    const most = this.#rooms.limits.bufferedBytes;
    if (most === 0 || this.connection.buffered + length <= most) return false;
    this.connection.flush(); // what waits for nothing but the end of the tick does not count
    const { buffered } = this.connection;
    // A message may be longer than that: who reads everything gets it.
    return buffered > 0 && buffered + length > most;
  }

  /** Sends nothing more, and fails: only when the broadcast under way is through, so that all hear the same. */
  #choke(error: unknown): false {
    this.#choked = true;
    queueMicrotask(() => this.fail(error));
    return false;
  }

  /** Asks a v1 client to move to another instance; false, if this is none. */
  goAway(data: { reason: string; withinMs: number }): boolean {
    if (this.#is.state !== 'seated' || this.#is.peer.dialect !== 'v1') return false;
    return this.send(say('go-away', this.#is.peer.room.stamp, data));
  }

  /** Whether this connection answers a ping within two seconds. */
  async probe(): Promise<boolean> {
    if (!this.connection.open) return false;
    if (this.#waiting) return true; // nothing is read from it: the heartbeat will find out
    this.#probe ??= new Probe(this.connection, () => {
      this.#probe = undefined;
    });
    return this.#probe.alive;
  }

  /**
   * A pong came, with the mark of its ping: one from before the question is no answer to it. Those that nobody
   * asked for count as messages, too.
   */
  pong(mark: string): void {
    if (mark === this.#probe?.mark) this.#probe.answer(true);
    else if (this.#is.state !== 'gone' && !this.#mayPass(0)) this.#overRate();
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
    // What it said before comes first.
    if (this.#is.state === 'seated' && this.#waiting) this.#endedWith ??= code;
    else this.#end(code, code === 1000 || code === 1001 || code === 1005, false);
  }

  #end(code: number, leaving: boolean, byUs = true): boolean {
    const was = this.#is;
    if (was.state === 'gone') return false;
    this.#is = GONE;
    this.#rooms.sessions.delete(this);
    count(this.#rooms.tally.closes, nameOf(code, byUs));
    this.#probe?.answer(false);
    const { roomId: room, peerId: peer } = this;
    if (was.state === 'joining') {
      // By us with this code, or the newcomer went before it had a place.
      this.#rooms.log.info({ room, peer, code }, 'join refused');
      return true;
    }
    const seconds = Math.round(performance.now() - this.#startedAt) / 1000;
    const fields = { room, peer, seconds, messages: this.#messages, code };
    this.#rooms.log.info(fields, lose(this.#rooms, was.peer, this, leaving));
    return true;
  }
}

/** How a close is counted: a client may send any code, and none of its own is to be taken for one of ours. */
function nameOf(code: number, byUs: boolean): string {
  return byUs || code < 1010 ? String(code) : 'other';
}
