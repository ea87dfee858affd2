/** A track that shows nothing. */
export class FakeTrack {
  readonly kind: string;

  constructor(kind: string) {
    this.kind = kind;
  }
}

export class FakeStream {
  readonly #tracks: FakeTrack[];

  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = tracks;
  }

  getTracks(): FakeTrack[] {
    return this.#tracks;
  }
}

class FakeSender {
  track: FakeTrack | null;

  constructor(track: FakeTrack | null) {
    this.track = track;
  }

  async replaceTrack(track: FakeTrack | null): Promise<void> {
    if (track && Reflect.get(track, 'isOdd'))
      throw new DOMException('of another form', 'InvalidModificationError');
    this.track = track;
  }
}

interface FakeTransceiver {
  kind: string;
  sender: FakeSender;
  direction: string;
  currentDirection: string | null;
}

/**
 * The states of an RTCPeerConnection (W3C WebRTC, section 4.4) without the media: its descriptions are numbered,
 * and a candidate is taken if it names the description of the other side that is in force.
 */
export class FakePeerConnection extends EventTarget {
  static all: FakePeerConnection[] = [];
  signalingState = 'stable';
  connectionState = 'new';
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  /** What was added of the other side's candidates. */
  readonly candidates: string[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  restarts = 0;
  stats = new Map<string, object>();
  onnegotiationneeded?: () => void;
  onicecandidate?: (event: object) => void;
  onconnectionstatechange?: () => void;
  ondatachannel?: (event: object) => void;
  ontrack?: (event: object) => void;
  readonly configuration: object;
  #needed = false;
  #descriptions = 0;

  constructor(configuration: object) {
    super();
    this.configuration = configuration;
    FakePeerConnection.all.push(this);
  }

  addTrack(track: FakeTrack): FakeSender {
    const sender = new FakeSender(track);
    this.transceivers.push({ kind: track.kind, sender, direction: 'sendrecv', currentDirection: null });
    this.need();
    return sender;
  }

  removeTrack(sender: FakeSender): void {
    sender.track = null;
    this.need();
  }

  addTransceiver(kind: string, { direction }: { direction: string }): void {
    this.transceivers.push({ kind, sender: new FakeSender(null), direction, currentDirection: null });
    this.need();
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  getSenders(): FakeSender[] {
    return this.transceivers.map(({ sender }) => sender);
  }

  /** A negotiation is needed: said once, and only while none is under way. */
  need(): void {
    if (this.#needed) return;
    this.#needed = true;
    queueMicrotask(() => {
      this.#needed = false;
      if (this.signalingState === 'stable') this.onnegotiationneeded?.();
    });
  }

  async setLocalDescription(): Promise<void> {
    await null;
    const isAnswer = this.signalingState === 'have-remote-offer';
    this.localDescription = { type: isAnswer ? 'answer' : 'offer', sdp: `own ${++this.#descriptions}` };
    this.#become(isAnswer ? 'stable' : 'have-local-offer');
  }

  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }): Promise<void> {
    await null;
    if (type === 'answer' && this.signalingState !== 'have-local-offer')
      throw new DOMException(`an answer in ${this.signalingState}`, 'InvalidStateError');
    this.remoteDescription = { type, sdp };
    this.#become(type === 'answer' ? 'stable' : 'have-remote-offer');
  }

  async addIceCandidate({ candidate = '' }: { candidate?: string }): Promise<void> {
    await null;
    if (!candidate.startsWith(`${this.remoteDescription?.sdp}:`))
      throw new DOMException(`${candidate} is of no known description`, 'OperationError');
    this.candidates.push(candidate);
  }

  restartIce(): void {
    this.restarts++;
    this.need();
  }

  setConfiguration(): void {}

  async getStats(): Promise<Map<string, object>> {
    return this.stats;
  }

  close(): void {
    this.signalingState = 'closed';
  }

  /** The connection changes its state. */
  turn(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #become(state: string): void {
    this.signalingState = state;
    this.dispatchEvent(new Event('signalingstatechange'));
  }
}
