import { type ChannelInit, Channels } from './channels.ts';
import { Reporter } from './report.ts';
import type { Room } from './room.ts';
import { Tracks } from './tracks.ts';
import type { CallEvents, RoomEvents, RoomPeer, SignalType } from './types.ts';
import type { SignalData } from './wire.ts';

/** How long a connection may be `disconnected` before new paths are looked for, ms. */
const PATIENCE = 5000;

/** What the link has of its call. */
export interface LinkOwner {
  readonly configuration: RTCConfiguration;
  /** What to send from the start, and in which stream. */
  readonly tracks: ReadonlyMap<MediaStreamTrack, MediaStream>;
  /** The data channels that this side wants, as they are at any moment. */
  readonly channels: ReadonlyMap<string, ChannelInit>;
  readonly reports: boolean;
  emit<E extends keyof CallEvents>(event: E, value: CallEvents[E]): void;
}

let links = 0;

/**
 * The connection to one run of one peer: perfect negotiation, as the W3C describes it. That is one state machine
 * round one RTCPeerConnection; its tracks, data channels and reports have files of their own.
 */
export class Link {
  readonly pc: RTCPeerConnection;
  readonly tracks: Tracks;
  readonly #id = ++links;
  readonly #room: Room;
  readonly #peer: RoomPeer;
  readonly #owner: LinkOwner;
  readonly #channels: Channels;
  readonly #reporter: Reporter;
  /** Whether this side makes the first offer. */
  readonly #first: boolean;
  /** Who is not gives way to nobody, opens the data channels for both, and tidies up for both. */
  readonly #polite: boolean;
  readonly #streams = new Set<MediaStream>();
  /** The other side's link, once it was heard of; a client without this library has none. */
  #peerLink: number | undefined;
  /** Candidates from before the remote description. */
  #early: RTCIceCandidateInit[] = [];
  /** This side has its first candidate, or knows that there is none. */
  readonly #gathers: Promise<unknown>;
  #making = false;
  #ignoring = false;
  #work: Promise<void> = Promise.resolve();
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(room: Room, { peer, offer }: RoomEvents['peer-joined'], owner: LinkOwner) {
    this.#room = room;
    this.#peer = peer;
    this.#first = offer;
    this.#polite = peer.dialect === 'v1' && room.peerId > peer.id;
    this.#owner = owner;
    this.pc = new RTCPeerConnection(owner.configuration);
    this.pc.onnegotiationneeded = () => void this.#offer();
    this.pc.onicecandidate = ({ candidate }) => candidate && this.#send('ice', candidate.toJSON());
    this.#gathers = new Promise((found) => this.pc.addEventListener('icecandidate', found));
    this.pc.onconnectionstatechange = () => this.#changed();
    this.pc.ontrack = ({ track, streams }) => this.#heard(streams[0] ?? new MediaStream([track]));
    this.tracks = new Tracks(this.pc, !this.#polite);
    this.#channels = new Channels(this.pc, (channel) => owner.emit('channel', { peer: peer.id, channel }));
    this.#reporter = new Reporter(this.pc, (data) => owner.reports && room.report(peer.id, data));
  }

  /** Begins to send; who makes the offer asks for sound and picture even with none of its own. */
  start(): void {
    for (const [track, stream] of this.#owner.tracks) this.tracks.add(track, stream);
    if (this.#first) {
      const kinds = new Set(this.pc.getSenders().map(({ track }) => track?.kind));
      for (const kind of ['audio', 'video'])
        if (!kinds.has(kind)) this.pc.addTransceiver(kind, { direction: 'recvonly' });
    }
    for (const [label, init] of this.#owner.channels) this.addChannel(label, init);
  }

  /**
   * Opens a data channel, or asks the other side to: it is always the same one that does, so that both may
   * want a channel at the same moment, and have one.
   */
  addChannel(label: string, init: ChannelInit): void {
    if (!this.#polite) this.#openChannel(label, init);
    else if (this.#peerLink !== undefined && !this.#channels.has(label))
      this.#send('ice', { channel: label, init });
  }

  removeChannel(label: string): void {
    this.#channels.close(label);
    if (this.#polite) this.#send('ice', { channel: label });
  }

  /**
   * Whether a signal is meant for this link, and comes from the one that it speaks with: the first that answers
   * it, or offers. Who gives way to nobody waits for the answer to its own first offer: one that comes before it
   * could be from a call that the other side has ended meanwhile.
   */
  accepts(type: SignalType, { link, peerLink }: SignalData): boolean {
    if (link === undefined) return true; // from a client without this library
    if (peerLink !== undefined && peerLink !== this.#id) return false;
    const mayBegin = type === 'offer' && (this.#polite || !this.#first);
    if (this.#peerLink === undefined && (mayBegin || peerLink === this.#id)) {
      this.#peerLink = link;
      if (this.#polite) for (const [label, init] of this.#owner.channels) this.addChannel(label, init);
    }
    return link === this.#peerLink;
  }

  /** Takes a signal; one after the other. */
  take(type: SignalType, data: SignalData): void {
    this.#work = this.#work.then(async () => {
      if (this.pc.signalingState === 'closed') return;
      try {
        if (data.channel !== undefined) this.#asked(data.channel, data.init);
        else if (type === 'ice') await this.#candidate(data);
        else await this.#description({ type, sdp: data.sdp ?? '' });
      } catch (error) {
        this.#failed(error as Error);
      }
    });
  }

  /** This client is connected again: an offer that a plain peer may not have got is sent once more. */
  repeat(): void {
    if (this.#peer.dialect === 'plain' && this.pc.signalingState === 'have-local-offer') this.#describe();
  }

  /** Tells the other side that this one is about to be closed. */
  hangUp(): void {
    if (this.#peer.dialect === 'v1') this.#send('ice', { hangup: true });
  }

  close(reason: string): void {
    clearTimeout(this.#patience);
    this.#reporter.closed(reason);
    this.pc.close();
    for (const stream of this.#streams) this.#ended(stream);
    this.#owner.emit('connection', { peer: this.#peer.id, state: 'closed' });
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
    // A first offer that is rolled back before it has a candidate leaves Chromium without any, for ever.
    if (collides) await this.#gathers;
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
      if (!this.#ignoring) this.#early.push(candidate);
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
    const named = this.#peer.dialect === 'v1' ? { ...data, link: this.#id, peerLink: this.#peerLink } : data;
    this.#room.send(this.#peer.id, type, named).catch((error) => {
      if (error.code === 'rejected') this.#failed(error); // any other: the peer or this client has left
    });
  }

  #asked(label: string, init: ChannelInit | undefined): void {
    if (init) this.#openChannel(label, init);
    else this.#channels.close(label);
  }

  #openChannel(label: string, init: ChannelInit): void {
    try {
      this.#channels.open(label, init);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #changed(): void {
    const { connectionState: state } = this.pc;
    clearTimeout(this.#patience);
    if (state === 'connected') this.#reporter.connected();
    if (state === 'failed') {
      this.#reporter.failed();
      this.#restart(state);
    }
    if (state === 'disconnected') this.#patience = setTimeout(() => this.#restart(state), PATIENCE);
    this.#owner.emit('connection', { peer: this.#peer.id, state });
  }

  #restart(reason: string): void {
    this.#reporter.restarted(reason);
    this.pc.restartIce();
  }

  #heard(stream: MediaStream): void {
    if (this.#streams.has(stream)) return;
    this.#streams.add(stream);
    stream.onremovetrack = () => stream.getTracks().length === 0 && this.#ended(stream);
    this.#owner.emit('stream', { peer: this.#peer.id, stream });
  }

  #ended(stream: MediaStream): void {
    stream.onremovetrack = null;
    if (this.#streams.delete(stream)) this.#owner.emit('stream-ended', { peer: this.#peer.id, stream });
  }

  #failed(error: Error): void {
    if (this.pc.signalingState !== 'closed') this.#owner.emit('error', { peer: this.#peer.id, error });
  }
}
