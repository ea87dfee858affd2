import { type Call, type CallOptions, createCall } from './call.ts';
import type { RoomError } from './errors.ts';
import { joinRoom, type Room } from './room.ts';
import type { ChatMessage, RoomOptions, RoomPeer, RoomStatus } from './types.ts';

/** Chat messages that a snapshot holds at most; older ones go. */
const MOST_CHAT = 500;

/** A peer as a page shows it. */
export interface PeerView extends RoomPeer {
  readonly streams: readonly MediaStream[];
  readonly connection: RTCPeerConnectionState;
}

/** A room and its call at one moment. It is another object only if something in it changed. */
export interface RoomView {
  readonly status: RoomStatus;
  /** Why the room is closed, or what went wrong last. */
  readonly error: RoomError | undefined;
  /** The others, in the order of joining. */
  readonly peers: readonly PeerView[];
  /** The last 500 messages. */
  readonly chat: readonly ChatMessage[];
  /** Undefined until the component is mounted. */
  readonly room: Room | undefined;
  readonly call: Call | undefined;
}

const NOTHING: RoomView = {
  status: 'connecting',
  error: undefined,
  peers: [],
  chat: [],
  room: undefined,
  call: undefined,
};

/** A room with its call, as a store of snapshots: what React's `useSyncExternalStore` wants. */
export class RoomStore {
  readonly #options: RoomOptions & Omit<CallOptions, 'stream'>;
  readonly #listeners = new Set<() => void>();
  readonly #streams = new Map<string, MediaStream[]>();
  #view = NOTHING;
  #stream: MediaStream | undefined;
  /** The first that was sent. All later tracks go in it, too: the others get one stream, whatever replaces what. */
  #first: MediaStream | undefined;
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomOptions & Omit<CallOptions, 'stream'>) {
    this.#options = options;
  }

  readonly view = (): RoomView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Joins, unless it has been. */
  open(): void {
    clearTimeout(this.#closing);
    if (this.#view.room) return;
    const room = joinRoom(this.#options);
    const call = createCall(room, this.#options);
    this.#change({ room, call });
    this.#first = this.#stream;
    for (const track of this.#stream?.getTracks() ?? []) call.addTrack(track, this.#first);
    const peers = () => this.#change({ peers: this.#peers(room, call) });
    for (const event of ['peer-joined', 'peer-left', 'peer-away', 'peer-back', 'peer-state'] as const)
      room.on(event, peers);
    room.on('status', (status) => this.#change({ status }));
    room.on('error', (error) => this.#change({ error }));
    room.on('closed', (error) => this.#change({ status: 'closed', error, peers: [] }));
    room.on('chat', (message) => this.#change({ chat: [...this.#view.chat, message].slice(-MOST_CHAT) }));
    call.on('connection', peers);
    call.on('stream', ({ peer, stream }) => {
      this.#streams.set(peer, [...(this.#streams.get(peer) ?? []), stream]);
      peers();
    });
    call.on('stream-ended', ({ peer, stream }) => {
      const left = this.#streams.get(peer)?.filter((one) => one !== stream) ?? [];
      if (left.length > 0) this.#streams.set(peer, left);
      else this.#streams.delete(peer);
      peers();
    });
  }

  /**
   * Leaves, a moment later: StrictMode unmounts a component and mounts it again at once, and the room must
   * not notice.
   */
  close(): void {
    this.#closing = setTimeout(() => {
      this.#view.room?.leave();
      this.#streams.clear();
      this.#change(NOTHING); // it may be mounted again
    }, 0);
  }

  /** Sends this stream in place of the one before; a track takes the place of one of its kind. */
  send(stream: MediaStream | undefined): void {
    const before = this.#stream;
    this.#stream = stream;
    const { call } = this.#view;
    if (!call || before === stream) return;
    this.#first ??= stream;
    const old = (before?.getTracks() ?? []).filter((track) => !stream?.getTracks().includes(track));
    for (const track of stream?.getTracks() ?? []) {
      if (before?.getTracks().includes(track)) continue;
      const at = old.findIndex(({ kind }) => kind === track.kind);
      if (at >= 0) void this.#replace(call, old.splice(at, 1)[0]!, track);
      else call.addTrack(track, this.#first);
    }
    for (const track of old) call.removeTrack(track);
  }

  async #replace(call: Call, track: MediaStreamTrack, by: MediaStreamTrack): Promise<void> {
    try {
      await call.replaceTrack(track, by);
    } catch {
      // The page itself has taken the old one away. The new one may be wanted no longer by now.
      if (this.#stream?.getTracks().includes(by)) call.addTrack(by, this.#first);
    }
  }

  #peers(room: Room, call: Call): PeerView[] {
    return room.peers.map((peer) => ({
      ...peer,
      streams: this.#streams.get(peer.id) ?? [],
      connection: call.connections.get(peer.id)?.connectionState ?? 'new',
    }));
  }

  #change(change: Partial<RoomView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
