import type { Room } from './room.ts';
import type { RoomEvents, RoomPeer, SignalType } from './types.ts';

/** How long a connection may be `disconnected` before new paths are looked for, ms. */
const PATIENCE = 5000;

/** What a call tells its listeners; `peer` is a peer id. */
export interface CallEvents {
  /** A peer's camera, screen or microphone has come. */
  stream: { peer: string; stream: MediaStream };
  /** A stream lost its last track, or its peer has left. */
  'stream-ended': { peer: string; stream: MediaStream };
  /** The media connection to a peer changed its state. */
  connection: { peer: string; state: RTCPeerConnectionState };
  /** A negotiation with a peer went wrong; the call goes on. */
  error: { peer: string; error: Error };
}

type Emit = <E extends keyof CallEvents>(event: E, value: CallEvents[E]) => void;

/** The connection to one run of one peer: perfect negotiation, as the W3C describes it. */
export class Link {
  readonly pc: RTCPeerConnection;
  readonly #room: Room;
  readonly #peer: RoomPeer;
  readonly #emit: Emit;
  /** Whether this side makes the first offer. */
  readonly #first: boolean;
  readonly #polite: boolean;
  readonly #streams = new Set<MediaStream>();
  /** Candidates from before the remote description. */
  #early: RTCIceCandidateInit[] = [];
  #making = false;
  #ignoring = false;
  #work: Promise<void> = Promise.resolve();
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(room: Room, { peer, offer }: RoomEvents['peer-joined'], config: RTCConfiguration, emit: Emit) {
    this.#room = room;
    this.#peer = peer;
    this.#first = offer;
    this.#polite = peer.dialect === 'v1' && room.peerId > peer.id;
    this.#emit = emit;
    this.pc = new RTCPeerConnection(config);
    this.pc.onnegotiationneeded = () => void this.#offer();
    this.pc.onicecandidate = ({ candidate }) => candidate && this.#send('ice', candidate.toJSON());
    this.pc.onconnectionstatechange = () => this.#changed();
    this.pc.ontrack = ({ track, streams }) => this.#heard(streams[0] ?? new MediaStream([track]));
  }

  /** Begins to send these tracks; who makes the offer asks for sound and picture even with none of its own. */
  start(tracks: Iterable<[MediaStreamTrack, MediaStream]>): void {
    for (const [track, stream] of tracks) this.pc.addTrack(track, stream);
    if (!this.#first) return;
    const kinds = new Set(this.pc.getSenders().map(({ track }) => track?.kind));
    for (const kind of ['audio', 'video'])
      if (!kinds.has(kind)) this.pc.addTransceiver(kind, { direction: 'recvonly' });
  }

  /** Takes a signal; one after the other. */
  take(type: SignalType, data: unknown): void {
    this.#work = this.#work.then(async () => {
      if (this.pc.signalingState === 'closed' || typeof data !== 'object' || data === null) return;
      try {
        if (type === 'ice') await this.#candidate(data as RTCIceCandidateInit);
        else await this.#description({ type, sdp: (data as RTCSessionDescriptionInit).sdp ?? '' });
      } catch (error) {
        this.#failed(error as Error);
      }
    });
  }

  /** This client is connected again: an offer that a plain peer may not have got is sent once more. */
  repeat(): void {
    if (this.#peer.dialect === 'plain' && this.pc.signalingState === 'have-local-offer') this.#describe();
  }

  close(): void {
    clearTimeout(this.#patience);
    this.pc.close();
    for (const stream of this.#streams) this.#ended(stream);
    this.#emit('connection', { peer: this.#peer.id, state: 'closed' });
  }

  async #offer(): Promise<void> {
    // Who waits for the first offer answers it; what that leaves open is asked for again by the browser.
    if (!this.#first && !this.pc.remoteDescription) return;
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.#describe();
    } catch (error) {
      this.#failed(error as Error);
    } finally {
      this.#making = false;
    }
  }

  async #description(description: { type: 'offer' | 'answer'; sdp: string }): Promise<void> {
    const { pc } = this;
    const isOffer = description.type === 'offer';
    const collides = isOffer && (this.#making || pc.signalingState !== 'stable');
    this.#ignoring = collides && !this.#polite;
    if (this.#ignoring) return;
    await pc.setRemoteDescription(description); // rolls an own offer back
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) await this.#candidate(candidate).catch((error) => this.#failed(error));
    if (!isOffer) return;
    await pc.setLocalDescription();
    this.#describe();
  }

  async #candidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.pc.remoteDescription) {
      this.#early.push(candidate);
      return;
    }
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoring) throw error;
    }
  }

  #describe(): void {
    const { type, sdp } = this.pc.localDescription ?? {};
    if (type === 'offer' || type === 'answer') this.#send(type, { type, sdp });
  }

  #send(type: SignalType, data: object): void {
    this.#room.send(this.#peer.id, type, data).catch((error) => {
      if (error.code === 'rejected') this.#failed(error); // any other: the peer or this client has left
    });
  }

  #changed(): void {
    const { connectionState: state } = this.pc;
    clearTimeout(this.#patience);
    if (state === 'failed') this.pc.restartIce();
    if (state === 'disconnected') this.#patience = setTimeout(() => this.pc.restartIce(), PATIENCE);
    this.#emit('connection', { peer: this.#peer.id, state });
  }

  #heard(stream: MediaStream): void {
    if (this.#streams.has(stream)) return;
    this.#streams.add(stream);
    stream.onremovetrack = () => stream.getTracks().length === 0 && this.#ended(stream);
    this.#emit('stream', { peer: this.#peer.id, stream });
  }

  #ended(stream: MediaStream): void {
    stream.onremovetrack = null;
    if (this.#streams.delete(stream)) this.#emit('stream-ended', { peer: this.#peer.id, stream });
  }

  #failed(error: Error): void {
    if (this.pc.signalingState !== 'closed') this.#emit('error', { peer: this.#peer.id, error });
  }
}
