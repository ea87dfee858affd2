import type { ChannelInit } from './channels.ts';
import { Emitter } from './emitter.ts';
import { Link, type LinkOwner } from './link.ts';
import type { Room } from './room.ts';
import type { CallEvents, RoomEvents } from './types.ts';
import type { SignalData } from './wire.ts';

export type { ChannelInit } from './channels.ts';

/** How to call. */
export interface CallOptions {
  /** STUN and TURN servers to use in place of the room's. */
  iceServers?: RTCIceServer[];
  /** Everything else for `new RTCPeerConnection`. */
  configuration?: RTCConfiguration;
  /** What to send to everybody from the start. */
  stream?: MediaStream;
  /** Whether the server is told how each connection came up, for its operator to see. @default true */
  report?: boolean;
  /** Ends the call. */
  signal?: AbortSignal | undefined;
}

/** The call of each room, the last one if there were several. */
const calls = new WeakMap<Room, Call>();

/** A call with everybody in a room, each over a connection of their own; `createCall` makes it. */
export class Call extends Emitter<CallEvents> {
  readonly #room: Room;
  readonly #connections = new Map<string, RTCPeerConnection>();
  readonly #links = new Map<string, Link>();
  /** What is sent to everybody, and in which stream. */
  readonly #tracks = new Map<MediaStreamTrack, MediaStream>();
  /** The data channels that everybody gets. */
  readonly #channels = new Map<string, ChannelInit>();
  readonly #stream: MediaStream;
  readonly #options: CallOptions;
  readonly #ended = new AbortController();

  constructor(room: Room, options: CallOptions) {
    super();
    const before = calls.get(room);
    if (before && !before.#isClosed) throw new Error('The room has a call: close it first.');
    calls.set(room, this);
    this.#room = room;
    this.#options = options;
    this.#stream = options.stream ?? new MediaStream();
    for (const track of this.#stream.getTracks()) this.#tracks.set(track, this.#stream);
    if (room.status === 'closed' || options.signal?.aborted) this.#ended.abort();
    else this.#begin(before !== undefined);
  }

  /** The connection to each peer, by peer id. */
  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    return this.#connections;
  }

  /** Sends a track to everybody, those to come included; in the call's own stream unless another is given. */
  addTrack(track: MediaStreamTrack, stream: MediaStream = this.#stream): void {
    if (this.#tracks.has(track)) return;
    this.#tracks.set(track, stream);
    for (const { tracks } of this.#links.values()) tracks.add(track, stream);
  }

  /**
   * Sends another track of the same kind in place of one: another camera, or the screen. It needs no new
   * negotiation, unless a browser can't send the new one in the form that was agreed on.
   */
  async replaceTrack(track: MediaStreamTrack, by: MediaStreamTrack): Promise<void> {
    if (track === by) return;
    const stream = this.#tracks.get(track);
    if (!stream) throw new Error('The track is not sent.');
    if (this.#tracks.has(by)) throw new Error('The new track is sent already.');
    if (track.kind !== by.kind) throw new TypeError('The tracks must be of one kind.');
    this.#tracks.delete(track);
    this.#tracks.set(by, stream);
    await Promise.all(Array.from(this.#links.values(), ({ tracks }) => tracks.replace(track, by)));
  }

  /** Sends a track to nobody any more; it is not stopped. */
  removeTrack(track: MediaStreamTrack): void {
    this.#tracks.delete(track);
    for (const { tracks } of this.#links.values()) tracks.remove(track);
  }

  /**
   * Opens a data channel to everybody, those to come included; `channel` tells both sides when it is open.
   * There is one of each label between two peers, also if both add it.
   */
  addChannel(label: string, init: ChannelInit = {}): void {
    this.#channels.set(label, init);
    for (const link of this.#links.values()) link.addChannel(label, init);
  }

  /** Closes a data channel to everybody, and opens it to nobody any more. */
  removeChannel(label: string): void {
    this.#channels.delete(label);
    for (const link of this.#links.values()) link.removeChannel(label);
  }

  /** Hangs up: ends all connections; the room goes on, and so do the tracks. A second time does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#ended.abort();
    for (const [id, link] of [...this.#links]) {
      link.hangUp();
      this.#drop(id, 'this side hung up');
    }
  }

  get #isClosed(): boolean {
    return this.#ended.signal.aborted;
  }

  #begin(isAnother: boolean): void {
    const room = this.#room;
    const { signal } = this.#ended;
    this.#options.signal?.addEventListener('abort', () => this.close(), { signal });
    room.on('peer-joined', (joined) => this.#add(joined), { signal });
    room.on('peer-left', ({ id }) => this.#drop(id, 'the peer left'), { signal });
    room.on('signal', (heard) => this.#take(heard), { signal });
    room.on('ice-servers', () => this.#use(), { signal });
    room.on('status', () => this.#repeat(), { signal });
    room.on('closed', () => this.close(), { signal });
    // After an earlier call the others wait for an offer of this side, whoever came first.
    for (const { peer, offer } of room.arrivals) this.#add({ peer, offer: offer || isAnother });
  }

  #add(joined: RoomEvents['peer-joined']): Link {
    const owner: LinkOwner = {
      configuration: this.#configuration,
      tracks: this.#tracks,
      channels: this.#channels,
      reports: this.#options.report ?? true,
      emit: (event, value) => this.emit(event, value),
    };
    const link = new Link(this.#room, joined, owner);
    this.#links.set(joined.peer.id, link);
    this.#connections.set(joined.peer.id, link.pc);
    link.start();
    return link;
  }

  #drop(id: string, reason: string): void {
    const link = this.#links.get(id);
    this.#links.delete(id);
    this.#connections.delete(id);
    link?.close(reason);
  }

  #take({ type, from, data }: RoomEvents['signal']): void {
    if (typeof data !== 'object' || data === null) return;
    const signal: SignalData = data;
    let link = this.#links.get(from.id);
    // One who hung up calls again.
    if (!link && type === 'offer' && signal.peerLink === undefined)
      link = this.#add({ peer: from, offer: false });
    if (!link?.accepts(type, signal)) return;
    if (signal.hangup) this.#drop(from.id, 'the peer hung up');
    else link.take(type, signal);
  }

  /** The room's servers as they are now, unless the call has its own. */
  get #configuration(): RTCConfiguration {
    const { configuration, iceServers } = this.#options;
    return { iceServers: this.#room.iceServers, ...configuration, ...(iceServers && { iceServers }) };
  }

  /** There are fresh servers, for what is gathered from now on. */
  #use(): void {
    for (const pc of this.#connections.values()) pc.setConfiguration(this.#configuration);
  }

  #repeat(): void {
    if (this.#room.status === 'connected') for (const link of this.#links.values()) link.repeat();
  }
}

/**
 * Calls everybody in a room, now and to come; at any moment, as what they have said up to now is kept. A
 * camera that takes its time may come later, by `addTrack`. A room has one call at a time.
 *
 * @throws Error if the room has a call that is not closed
 */
export function createCall(room: Room, options: CallOptions = {}): Call {
  return new Call(room, options);
}
