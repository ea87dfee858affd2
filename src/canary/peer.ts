import { closeReason } from '../protocol/codes.ts';
import { type Envelope, SUBPROTOCOL } from '../protocol/messages.ts';

/** A frame from the server. */
type Frame = Envelope & { session?: { seat: string; resumed: boolean; graceSeconds: number; id: string } };

/** By this close the server sees that the connection was lost, and keeps the seat. */
const LOST = 4000;
const LEAVE = 1000;

/** A synthetic v1 peer: it says what it is told to, and waits for what has to come. */
export class CanaryPeer {
  readonly id: string;
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fail: (error: Error) => void;
  readonly #unread: Frame[] = [];
  #wanted: { type: string; resolve(frame: Frame): void } | undefined;
  #socket: WebSocket | undefined;
  #seat = '';
  #sent = 0;
  #session = '';

  /**
   * @param token its room token, if the server wants one
   * @param fail is told of an `error`, or an end of the connection, that nobody wanted
   */
  constructor(
    url: string,
    room: string,
    id: string,
    token: string | undefined,
    fail: (error: Error) => void,
  ) {
    this.id = id;
    this.#url = `${url.replace(/\/+$/, '')}/ws/${encodeURIComponent(room)}/${encodeURIComponent(id)}`;
    this.#token = token;
    this.#fail = fail;
  }

  /**
   * Takes its place, or comes back to it.
   *
   * @returns what the server says to it first
   */
  async join(): Promise<{ peers: string[]; resumed: boolean; graceSeconds: number }> {
    const entries = [SUBPROTOCOL];
    if (this.#token) entries.push(`token.${this.#token}`);
    if (this.#seat) entries.push(`seat.${this.#seat}`);
    const socket = new WebSocket(this.#url, entries);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#take(data);
    };
    socket.onerror = () => {}; // a close follows, and says more
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#fail(new Error(this.#describe(code)));
    };
    const { data, session } = await this.next('peers');
    if (!session) throw new Error('the server does not speak record-meet.v1');
    this.#seat = session.seat;
    this.#session = session.id;
    return { peers: data as string[], resumed: session.resumed, graceSeconds: session.graceSeconds };
  }

  /** The next frame of this type; those before it are passed over. One caller at a time. */
  next(type: string): Promise<Frame> {
    for (let frame = this.#unread.shift(); frame; frame = this.#unread.shift()) {
      if (frame.type === type) return Promise.resolve(frame);
    }
    return new Promise((resolve) => {
      this.#wanted = { type, resolve };
    });
  }

  /** The same, from this peer or about it. */
  async nextOf(type: string, peer: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next(type);
      if (frame.from === peer || frame.data === peer) return frame;
    }
  }

  /** Sends a message; those to one peer are named, so that they can be acknowledged. */
  send(type: string, data: unknown, to?: string): string {
    const id = `${this.#session}.${++this.#sent}`;
    this.#socket?.send(JSON.stringify({ type, to, data, id }));
    return id;
  }

  /** Acknowledges a message ("Receipts" in docs/protocol.md). */
  acknowledge({ from, id }: Frame): void {
    this.#socket?.send(JSON.stringify({ type: 'ack', to: from, id }));
  }

  /** Ends the connection as if it had been lost. */
  lose(): void {
    this.#end(LOST);
  }

  /** Leaves for good. */
  leave(): void {
    this.#end(LEAVE);
  }

  #end(code: number): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(code);
  }

  #describe(code: number): string {
    const reason = closeReason[code as keyof typeof closeReason];
    if (this.#seat === '' && code === 1006) return 'no connection: refused, or no answer';
    return `closed with ${code}${reason ? ` ${reason}` : ''}`;
  }

  #take(text: unknown): void {
    let frame: Frame;
    try {
      frame = JSON.parse(text as string);
    } catch {
      return this.#fail(new Error('the server sent no JSON'));
    }
    if (frame.type === 'error') {
      const { code, message } = frame.data as { code: string; message: string };
      return this.#fail(new Error(`${code}: ${message}`));
    }
    const wanted = this.#wanted;
    if (wanted?.type !== frame.type) {
      if (!wanted) this.#unread.push(frame);
      return;
    }
    this.#wanted = undefined;
    wanted.resolve(frame);
  }
}
