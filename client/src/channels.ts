/** How a data channel is to be; as in `RTCDataChannelInit`. */
export type ChannelInit = Pick<
  RTCDataChannelInit,
  'ordered' | 'maxPacketLifeTime' | 'maxRetransmits' | 'protocol'
>;

/** The data channels to one peer, one of each label. */
export class Channels {
  readonly #pc: RTCPeerConnection;
  readonly #opened: (channel: RTCDataChannel) => void;
  readonly #channels = new Map<string, RTCDataChannel>();

  /** @param opened is told of each channel once it can be sent on */
  constructor(pc: RTCPeerConnection, opened: (channel: RTCDataChannel) => void) {
    this.#pc = pc;
    this.#opened = opened;
    pc.ondatachannel = ({ channel }) => this.#keep(channel);
  }

  has(label: string): boolean {
    return this.#channels.has(label);
  }

  /** Opens a channel, unless it is there; in-band, whatever else the other side asks for. */
  open(label: string, init: ChannelInit): void {
    if (!this.has(label)) this.#keep(this.#pc.createDataChannel(label, { ...init, negotiated: false }));
  }

  close(label: string): void {
    this.#channels.get(label)?.close();
    this.#channels.delete(label);
  }

  #keep(channel: RTCDataChannel): void {
    const { label } = channel;
    this.#channels.set(label, channel);
    channel.addEventListener('close', () => {
      if (this.#channels.get(label) === channel) this.#channels.delete(label);
    });
    // At once, if it comes open: its first message must not find nobody there.
    if (channel.readyState === 'open') this.#opened(channel);
    else channel.addEventListener('open', () => this.#opened(channel), { once: true });
  }
}
