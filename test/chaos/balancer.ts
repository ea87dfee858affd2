import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { Random } from './random.ts';

/** How often it asks an instance for its health, and how long that has to answer, ms. */
const CHECK_EVERY = 500;
const CHECK_WITHIN = 1_000;

/** Two sockets that are joined. */
type Pair = readonly [Socket, Socket];

/**
 * A load balancer that knows nothing of rooms: each connection goes to any instance that is healthy, so that
 * every room is on all of them. It can cut what it has joined.
 */
export class Balancer {
  readonly #ports: number[];
  readonly #healthy: Set<number>;
  readonly #random: Random;
  readonly #pairs = new Set<Pair>();
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #timer = setInterval(() => this.#check(), CHECK_EVERY);

  constructor(ports: number[], seed: number) {
    this.#ports = ports;
    this.#healthy = new Set(ports);
    this.#random = new Random(seed);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts about this part of all connections, without a word to either side. @returns how many */
  cut(part: number): number {
    const some = [...this.#pairs].filter(() => this.#random.next() < part);
    for (const pair of some) for (const socket of pair) socket.resetAndDestroy();
    return some.length;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    this.cut(1);
  }

  #join(from: Socket): void {
    const healthy = this.#ports.filter((port) => this.#healthy.has(port));
    const to = dial(this.#random.pick(healthy.length > 0 ? healthy : this.#ports), '127.0.0.1');
    const pair: Pair = [from, to];
    this.#pairs.add(pair);
    for (const [one, other] of [pair, [to, from]] as const) {
      one.setNoDelay();
      one.on('error', () => {});
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  #check(): void {
    for (const port of this.#ports) {
      fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(CHECK_WITHIN) }).then(
        ({ ok }) => (ok ? this.#healthy.add(port) : this.#healthy.delete(port)),
        () => this.#healthy.delete(port),
      );
    }
  }
}
