import { CloseCode, closeReason, ErrorCode } from '../protocol/codes.ts';
import { type Decoded, decode, quote } from '../protocol/decode.ts';
import { Refusal } from '../protocol/refusal.ts';
import type { Connection } from './connection.ts';
import { Flood } from './flood.ts';
import { chatTail, relay, say } from './frames.ts';
import type { Peer } from './peer.ts';
import type { Permit } from './permit.ts';
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
  /** What the peer's token says, if it came with one. */
  #permit: Permit | undefined;
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
   * @param permit the check of the peer's token, if it came with one
   */
  join(permit?: () => Promise<Permit>): void {
    if (this.#rooms.draining) return this.close(CloseCode.Restart);
    if (!permit && !this.#rooms.find(this.roomId, this.peerId)) return this.#sit();
    this.connection.pause();
    this.#claim(permit).catch((error) => this.fail(error));
  }

  async #claim(permit?: () => Promise<Permit>): Promise<void> {
    this.#permit = await permit?.();
    if (this.#is.state !== 'joining') return;
    // Nothing is awaited between the last look at the place and sitting down on it.
    for (;;) {
      const incumbent = this.#rooms.find(this.roomId, this.peerId);
      if (!incumbent) break;
      // A token's owner need not ask anybody.
      if (this.#permit) {
        incumbent.session.close(CloseCode.Replaced);
        continue;
      }
      // A live incumbent keeps its place; a dead one is ended.
      const alive = await incumbent.session.probe();
      if (this.#is.state !== 'joining') return;
      if (alive) return this.close(CloseCode.PeerIdInUse);
      incumbent.session.terminate();
    }
    this.#sit();
    this.connection.resume();
  }

  #sit(): void {
    const waiting = this.#is.state === 'joining' ? this.#is.waiting : [];
    const joined = this.#rooms.join(this);
    if (typeof joined === 'number') return this.close(joined);
    this.#is = { state: 'seated', peer: joined };
    this.#rooms.log.info({ room: this.roomId, peer: this.peerId }, 'peer joined');
    for (const bytes of waiting) this.receive(bytes);
  }

  /** Whether this peer sits in its room. */
  get seated(): boolean {
    return this.#is.state === 'seated';
  }

  /** Whether this connection answers a ping within two seconds. */
  async probe(): Promise<boolean> {
    if (!this.connection.open) return false;
    this.#probe ??= new Probe(this.connection, () => {
      this.#probe = undefined;
    });
    return this.#probe.alive;
  }

  /** A pong came. */
  pong(): void {
    this.#probe?.answer(true);
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
    const message = decode(bytes, bytes.toString());
    if (!mayPass) {
      this.#error(peer, ErrorCode.RateLimited, 'Too many messages or bytes per second.', message.id);
      this.#overRate();
    } else if ('code' in message) {
      this.#error(peer, message.code, message.message, message.id);
    } else {
      this.#dispatch(peer, message);
    }
  }

  #dispatch(peer: Peer, message: Decoded): void {
    if (this.#rooms.tracing) {
      const { type, to } = message;
      this.#rooms.log.trace({ room: this.roomId, peer: this.peerId, type, to }, 'message');
    }
    switch (message.type) {
      case 'offer':
      case 'answer':
      case 'ice':
        return this.#relay(peer, message, message.type);
      case 'chat':
        return this.#chat(peer, message);
      case 'peers':
        this.send(peer.room.roster(message.id));
        return;
      case 'ping':
        this.send(relay('pong', peer.room.stamp, undefined, message));
        return;
      case 'remove':
        return this.#remove(peer, message);
      default:
        message.type satisfies never;
    }
  }

  #relay(peer: Peer, message: Decoded, type: 'offer' | 'answer' | 'ice'): void {
    const target = peer.room.peers.get(message.to);
    const passed = target?.session.send(relay(type, peer.stamp, target.address, message));
    if (!passed) this.#notFound(peer, message);
  }

  #chat(peer: Peer, message: Decoded): void {
    const { room } = peer;
    if (message.to === '') {
      const tail = chatTail(room.nextSeq(), Date.now());
      return room.broadcast(relay('chat', peer.stamp, undefined, message, tail));
    }
    const target = room.peers.get(message.to);
    if (!target) return this.#notFound(peer, message);
    const frame = relay('chat', peer.stamp, target.address, message, chatTail(undefined, Date.now()));
    if (!target.session.send(frame)) return this.#notFound(peer, message);
    if (target !== peer) this.send(frame);
  }

  #remove(peer: Peer, message: Decoded): void {
    if (!this.#permit?.host) {
      return this.#error(peer, ErrorCode.Forbidden, 'Only a host may remove a peer.', message.id);
    }
    const target = peer.room.peers.get(message.to);
    if (!target) return this.#notFound(peer, message);
    this.#rooms.remove(target, target.session.#permit);
  }

  #notFound(peer: Peer, message: Decoded): void {
    const text = `There is no peer ${quote(message.to)} in this room.`;
    this.#error(peer, ErrorCode.PeerNotFound, text, message.id);
  }

  #error(peer: Peer, code: ErrorCode, message: string, id: string | undefined): void {
    this.send(say('error', peer.room.stamp, { code, message }, id));
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

  /** Closes the connection; the peer is out of its room at once, whenever the socket ends. */
  close(code: CloseCode): void {
    if (!this.#end(code)) return;
    this.connection.resume(); // a paused one would never read the answer to the close frame
    this.connection.close(code, closeReason[code]);
  }

  /** Ends a connection that is dead. */
  terminate(): void {
    this.#end(1006);
    this.connection.terminate();
  }

  /** Turns what was thrown into a close; of what should not happen the peer learns no more than that. */
  fail(error: unknown): void {
    if (error instanceof Refusal) return this.close(error.code);
    this.#rooms.log.error({ err: error, room: this.roomId, peer: this.peerId }, 'session failed');
    this.close(CloseCode.InternalError);
  }

  /** The socket has ended, or is about to, by itself. `code` as in RFC 6455, section 7.4. */
  ended(code: number): void {
    this.#end(code);
  }

  #end(code: number): boolean {
    const was = this.#is;
    if (was.state === 'gone') return false;
    this.#is = GONE;
    this.#rooms.sessions.delete(this);
    this.#probe?.answer(false);
    const { roomId: room, peerId: peer } = this;
    if (was.state === 'joining') {
      this.#rooms.log.info({ room, peer, code }, 'join refused');
      return true;
    }
    const seconds = Math.round(performance.now() - this.#startedAt) / 1000;
    this.#rooms.log.info({ room, peer, seconds, messages: this.#messages, code }, 'peer left');
    this.#rooms.leave(was.peer);
    return true;
  }
}
