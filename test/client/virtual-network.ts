import { MemoryCluster } from '../../src/cluster/memory.ts';
import type { Connection } from '../../src/rooms/connection.ts';
import { drain } from '../../src/rooms/drain.ts';
import { startHeartbeat } from '../../src/rooms/heartbeat.ts';
import type { Arrival } from '../../src/rooms/peer.ts';
import { Rooms } from '../../src/rooms/rooms.ts';
import type { Session } from '../../src/rooms/session.ts';
import { EPOCH, type VirtualClock } from './virtual-clock.ts';

const NO_LIMITS = {
  bufferedBytes: 0,
  peersPerRoom: 0,
  peers: 0,
  messageRate: 0,
  messageBurst: 0,
  byteRate: 0,
  byteBurst: 0,
};
const QUIET = { level: 'silent', trace() {}, info() {}, warn() {}, error() {} };
/** Prints each frame as it arrives. */
const TRACE = process.env.SIM_TRACE !== undefined;
/** What the receipts are for: the network may lose or repeat these. */
const RELAYED = /^\{"type":"(offer|answer|ice|ack)"/;

/** The server's own rooms and heartbeat, in a process that can be killed. */
export class VirtualServer {
  readonly rooms: Rooms;
  readonly wires = new Set<Wire>();
  alive = true;
  readonly #stop: () => void;

  constructor(graceSeconds: number, heartbeatSeconds: number) {
    const welcome = {
      graceSeconds,
      heartbeatSeconds,
      messageBytes: 65_536,
      chatHistory: 1000,
      chatTtlSeconds: 86_400,
      callLog: false,
      iceServers: () => ({ iceServers: [], expiresAt: null }),
    };
    this.rooms = new Rooms(NO_LIMITS, QUIET, new MemoryCluster(), undefined, welcome);
    this.#stop = startHeartbeat(this.rooms.sessions, heartbeatSeconds, heartbeatSeconds / 2);
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#stop();
    void this.rooms.stop();
    for (const wire of this.wires) wire.cut();
  }

  async drain(seconds: number): Promise<void> {
    await drain(this.rooms, seconds);
    setTimeout(() => this.kill(), 1000);
  }
}

/** What the network does to one client. */
export interface Weather {
  random: () => number;
  /** Milliseconds on the way, from and to. */
  latency: [number, number];
  /** Of what is relayed. */
  loss: number;
  repeats: number;
  /** Nothing gets through until then, and nobody is told. */
  deadUntil: number;
  /** Everything waits until then, and then comes through in its order. */
  stalledUntil: number;
  /** How many messages between clients were sent. */
  relayed: number;
}

/** One connection: a WebSocket as the client has it, and as the server does. Frames keep their order. */
export class Wire {
  /** As the client has it. */
  readonly client = {
    readyState: 0,
    onmessage: null as ((event: { data: string }) => void) | null,
    onclose: null as ((event: { code: number }) => void) | null,
    send: (data: string) => {
      if (this.client.readyState !== 1) return;
      this.#carry(data, () =>
        this.#there(() => {
          this.#trace(`${this.#name} > ${data}`);
          this.#session?.receive(Buffer.from(data));
        }),
      );
    },
    close: (code = 1005) => {
      if (this.client.readyState > 1) return;
      this.client.readyState = 2;
      this.#there(() => {
        this.#trace(`${this.#name} > ${code}`);
        this.server.open = false;
        this.#session?.ended(code);
        this.#back(() => this.#end(code));
      });
    },
  };
  /** As the server has it. */
  readonly server = {
    open: true,
    buffered: 0,
    received: 200,
    send: (frame) => {
      const data = Buffer.from(frame).toString();
      this.#carry(data, () =>
        this.#back(() => {
          this.#trace(`${this.#name} < ${data}`);
          this.client.onmessage?.({ data });
        }),
      );
    },
    ping: (mark = '') =>
      this.#back(() => this.client.readyState === 1 && this.#there(() => this.#session?.pong(mark))),
    flush: () => {},
    pong: () => {},
    pause: () => {},
    resume: () => {},
    close: (code) => {
      if (!this.server.open) return;
      this.server.open = false;
      this.#back(() => this.#end(code));
    },
    terminate: () => this.cut(),
  } satisfies Connection & { open: boolean } as { -readonly [K in keyof Connection]: Connection[K] };
  /** Is told of each sign of life that reaches a server which is not draining. */
  onHeard: () => void = () => {};
  #session: Session | undefined;
  #gone = false;
  /** For the trace. */
  readonly #name: string;
  #thereAt = 0;
  #backAt = 0;
  readonly #clock: VirtualClock;
  readonly #weather: Weather;
  readonly #host: VirtualServer;

  /**
   * @param name tells it from all others of its run
   * @param offered the subprotocol entries
   */
  constructor(
    clock: VirtualClock,
    weather: Weather,
    host: VirtualServer,
    name: string,
    address: string,
    offered: string[],
  ) {
    this.#clock = clock;
    this.#weather = weather;
    this.#host = host;
    this.#name = name;
    host.wires.add(this);
    if (host.alive) this.#there(() => this.#accept(new URL(address), offered));
    else this.#back(() => this.#end(1006));
  }

  /** Both ends see that it is over, each in its time; what is under way is lost. */
  cut(): void {
    this.#gone = true;
    this.#host.wires.delete(this);
    this.#clock.after(this.#delay(), () => this.#end(1006));
    this.#clock.after(this.#delay(), () => {
      this.server.open = false;
      if (this.#host.alive) this.#session?.ended(1006);
    });
  }

  /** Nothing gets through any more, and neither end is told. */
  halfOpen(): void {
    this.#gone = true;
  }

  /** The page goes away; of a connection that has not come through yet nobody hears. */
  unload(): void {
    if (!this.#session) this.#gone = true;
  }

  /** As the socket route does. */
  #accept({ pathname, searchParams }: URL, offered: string[]): void {
    const [, , room = '', peer = ''] = pathname.split('/').map(decodeURIComponent);
    const since = searchParams.get('since');
    // A seat as the real ones are, but for the signature; and a session id that is the same in each run.
    const shown = offered.find((one) => one.startsWith('seat.'))?.slice(5);
    const sessionId = shown ?? this.#name;
    const admission = async (): Promise<Arrival> => ({
      dialect: 'v1',
      sessionId,
      returning: shown !== undefined,
      seat: sessionId,
      permit: undefined,
      since: since === null ? undefined : Number(since),
      chatLog: searchParams.get('log') ?? undefined,
    });
    this.#back(() => {
      if (this.client.readyState === 0) this.client.readyState = 1;
    });
    this.#session = this.#host.rooms.open(this.server, room, peer, admission);
  }

  /** The receipts' own messages may get lost on the way, or come twice. */
  #carry(data: string, carry: () => void): void {
    const { loss, repeats, random } = this.#weather;
    const relayed = RELAYED.test(data);
    if (relayed) this.#weather.relayed++;
    if (relayed && random() < loss) return;
    carry();
    if (relayed && random() < repeats) this.#clock.after(random() * 3000, carry);
  }

  #delay(): number {
    const [least, most] = this.#weather.latency;
    return Math.round(least + this.#weather.random() * (most - least));
  }

  #arrival(): number {
    return Math.max(this.#clock.now, this.#weather.stalledUntil) + this.#delay();
  }

  #there(arrive: () => void): void {
    if (this.#isLost()) return;
    this.#thereAt = Math.max(this.#thereAt, this.#arrival());
    this.#clock.after(this.#thereAt - this.#clock.now, () => {
      if (this.#isLost() || !this.#host.alive) return;
      this.server.received++;
      if (this.#session?.seated && !this.#host.rooms.draining) this.onHeard();
      arrive();
    });
  }

  #back(arrive: () => void): void {
    if (this.#isLost()) return;
    this.#backAt = Math.max(this.#backAt, this.#arrival());
    this.#clock.after(this.#backAt - this.#clock.now, () => {
      if (!this.#isLost()) arrive();
    });
  }

  /** What was sent into a dead network is over, also when the network is back. */
  #isLost(): boolean {
    if (this.#clock.now < this.#weather.deadUntil) this.#gone = true;
    return this.#gone;
  }

  #trace(line: string): void {
    if (TRACE) console.log(String(this.#clock.now - EPOCH).padStart(6), line);
  }

  #end(code: number): void {
    if (this.client.readyState === 3) return;
    this.client.readyState = 3;
    this.#trace(`${this.#name} < ${code}`);
    this.#gone = true;
    this.#host.wires.delete(this);
    this.client.onclose?.({ code });
  }
}
