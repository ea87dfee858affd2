import { type CallEvents, Link } from './link.ts';
import type { Room } from './room.ts';
import type { RoomEvents } from './types.ts';

export type { CallEvents } from './link.ts';

/** How to call. */
export interface CallOptions {
  /** STUN and TURN servers to use in place of the room's. */
  iceServers?: RTCIceServer[];
  /** Everything else for `new RTCPeerConnection`. */
  configuration?: RTCConfiguration;
  /** What to send to everybody from the start. */
  stream?: MediaStream;
}

/** A call with everybody in a room, each over a connection of their own; `createCall` makes it. */
export class Call {
  readonly #connections = new Map<string, RTCPeerConnection>();
  readonly #links = new Map<string, Link>();
  /** What is sent to everybody, and in which stream. */
  readonly #tracks = new Map<MediaStreamTrack, MediaStream>();
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  readonly #stops: (() => void)[];
  readonly #stream: MediaStream;
  #configuration: RTCConfiguration;

  constructor(room: Room, { iceServers, configuration, stream }: CallOptions) {
    if (room.status !== 'connecting' && room.status !== 'closed')
      throw new Error('createCall must follow joinRoom at once: offers may have come and gone already.');
    this.#configuration = { ...configuration, ...(iceServers && { iceServers }) };
    this.#stream = stream ?? new MediaStream();
    for (const track of this.#stream.getTracks()) this.#tracks.set(track, this.#stream);
    const ownServers = this.#configuration.iceServers !== undefined;
    this.#stops = [
      room.on('peer-joined', (joined) => this.#add(room, joined)),
      room.on('peer-left', ({ id }) => this.#drop(id)),
      room.on('signal', ({ type, from, data }) => this.#links.get(from.id)?.take(type, data)),
      room.on('ice-servers', (given) => ownServers || this.#use(given.iceServers)),
      room.on('status', (status) => {
        if (status === 'connected') for (const link of this.#links.values()) link.repeat();
      }),
      room.on('closed', () => this.close()),
    ];
  }

  /** The connection to each peer, by peer id. */
  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    return this.#connections;
  }

  /** Listens; the answer ends that. */
  on<E extends keyof CallEvents>(event: E, listener: (event: CallEvents[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener as (event: never) => void));
    return () => listeners.delete(listener as (event: never) => void);
  }

  /** Sends a track to everybody, those to come included; in the call's own stream unless another is given. */
  addTrack(track: MediaStreamTrack, stream: MediaStream = this.#stream): void {
    if (this.#tracks.has(track)) return;
    this.#tracks.set(track, stream);
    for (const pc of this.#connections.values()) pc.addTrack(track, stream);
  }

  /** Sends another track in place of one, without a new negotiation: another camera, or the screen. */
  async replaceTrack(track: MediaStreamTrack, by: MediaStreamTrack): Promise<void> {
    const stream = this.#tracks.get(track);
    if (!stream) throw new Error('The track to replace is not being sent.');
    this.#tracks.delete(track);
    this.#tracks.set(by, stream);
    await Promise.all(this.#senders(track).map(([, sender]) => sender.replaceTrack(by)));
  }

  /** Sends a track to nobody any more; it is not stopped. */
  removeTrack(track: MediaStreamTrack): void {
    this.#tracks.delete(track);
    for (const [pc, sender] of this.#senders(track)) pc.removeTrack(sender);
  }

  /** Ends all connections; the room goes on, and so do the tracks. A second time does nothing. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const id of [...this.#links.keys()]) this.#drop(id);
  }

  #senders(track: MediaStreamTrack): [RTCPeerConnection, RTCRtpSender][] {
    return [...this.#connections.values()].flatMap((pc) =>
      pc
        .getSenders()
        .flatMap((sender): [RTCPeerConnection, RTCRtpSender][] =>
          sender.track === track ? [[pc, sender]] : [],
        ),
    );
  }

  #add(room: Room, joined: RoomEvents['peer-joined']): void {
    const link = new Link(room, joined, this.#configuration, (event, value) => this.#emit(event, value));
    this.#links.set(joined.peer.id, link);
    this.#connections.set(joined.peer.id, link.pc);
    link.start(this.#tracks);
  }

  #drop(id: string): void {
    const link = this.#links.get(id);
    this.#links.delete(id);
    this.#connections.delete(id);
    link?.close();
  }

  /** The room's servers, for what is gathered from now on. */
  #use(iceServers: RTCIceServer[]): void {
    this.#configuration = { ...this.#configuration, iceServers };
    for (const pc of this.#connections.values()) pc.setConfiguration(this.#configuration);
  }

  #emit<E extends keyof CallEvents>(event: E, value: CallEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as (event: CallEvents[E]) => void)(value);
      } catch (error) {
        // A listener that throws must not keep the call from going on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/**
 * Calls everybody in a room, now and to come. To be made right after `joinRoom`, before anything is awaited;
 * a camera that takes its time comes later, by `addTrack`.
 */
export function createCall(room: Room, options: CallOptions = {}): Call {
  return new Call(room, options);
}
