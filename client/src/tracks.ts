interface Sent {
  sender: RTCRtpSender;
  stream: MediaStream;
}

/** What is sent to one peer. */
export class Tracks {
  readonly #pc: RTCPeerConnection;
  readonly #sent = new Map<MediaStreamTrack, Sent>();
  /** Lines (m= lines of the descriptions, RFC 8829) that something has been sent on, in either direction. */
  readonly #used = new WeakSet<RTCRtpTransceiver>();

  /** @param tidies whether this side gives the lines back that are no longer used; one of the two should */
  constructor(pc: RTCPeerConnection, tidies: boolean) {
    this.#pc = pc;
    pc.addEventListener('signalingstatechange', () => {
      if (pc.signalingState !== 'stable') return;
      if (tidies) this.#tidy();
      this.#mend();
    });
  }

  add(track: MediaStreamTrack, stream: MediaStream): void {
    let sender: RTCRtpSender;
    try {
      sender = this.#pc.addTrack(track, stream);
    } catch {
      // It would use a line that was just given back, which Chromium refuses.
      sender = this.#pc.addTransceiver(track, { streams: [stream] }).sender;
    }
    this.#sent.set(track, { sender, stream });
  }

  /** Sends another track of the same kind in place of one. */
  async replace(track: MediaStreamTrack, by: MediaStreamTrack): Promise<void> {
    const sent = this.#sent.get(track);
    if (!sent) return;
    const { sender } = sent;
    this.#sent.delete(track);
    this.#sent.set(by, sent);
    try {
      await sender.replaceTrack(by);
      // Another track, or none, may be wanted there by now.
      if (this.#sent.get(by) !== sent && sender.track === by) await sender.replaceTrack(null);
    } catch {
      if (this.#pc.signalingState === 'closed' || this.#sent.get(by) !== sent) return;
      // It can't be sent in the form that was agreed on: it gets a line of its own.
      this.#pc.removeTrack(sender);
      this.add(by, sent.stream);
    }
  }

  remove(track: MediaStreamTrack): void {
    const sent = this.#sent.get(track);
    this.#sent.delete(track);
    if (sent) this.#pc.removeTrack(sent.sender);
  }

  /** Stops lines that nothing is sent on any more; as browsers use no line twice, there would be ever more. */
  #tidy(): void {
    const wanted = new Set(Array.from(this.#sent.values(), ({ sender }) => sender));
    for (const line of this.#pc.getTransceivers()) {
      if (line.currentDirection !== 'inactive') this.#used.add(line);
      else if (this.#used.has(line) && !wanted.has(line.sender)) line.stop();
    }
  }

  /** A track that was put on a line at the moment in which the other side stopped it gets another one. */
  #mend(): void {
    const live = new Set(
      this.#pc
        .getTransceivers()
        .flatMap(({ sender, direction }) => (direction === 'stopped' ? [] : [sender])),
    );
    for (const [track, { sender, stream }] of this.#sent) if (!live.has(sender)) this.add(track, stream);
  }
}
