import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';

/** How long the idle site is watched, ms. */
const IDLE = 3_000;

/** What Redis says of itself, as numbers since its start. */
interface Figures {
  at: number;
  calls: Map<string, number>;
  in: number;
  out: number;
  cpuUs: number;
}

/** What one operation costs at Redis. */
export interface Cost {
  /** Calls by command, those that a script makes included. */
  calls: Map<string, number>;
  /** Bytes that Redis read and wrote. */
  in: number;
  out: number;
  /** Processor time of its main thread, µs. */
  cpuUs: number;
}

/** Counts from Redis' own INFO what operations cost, without what the instances do all the time. */
export class RedisMeter {
  readonly #client;
  #idle: Cost = { calls: new Map(), in: 0, out: 0, cpuUs: 0 };

  constructor(url: string) {
    this.#client = createClient({ url, RESP: 2 });
  }

  async open(): Promise<this> {
    await this.#client.connect();
    const before = await this.#read();
    await delay(IDLE);
    const after = await this.#read();
    this.#idle = difference(before, after, after.at - before.at, this.#idle, 0);
    return this;
  }

  close(): void {
    this.#client.destroy();
  }

  /** What each ms costs that nothing happens in. */
  get idle(): Cost {
    return this.#idle;
  }

  /** @param work does so many operations, and ends when all of what follows from them has happened */
  async cost(operations: number, work: () => Promise<unknown>): Promise<Cost> {
    const before = await this.#read();
    await work();
    const after = await this.#read();
    return difference(before, after, operations, this.#idle, after.at - before.at);
  }

  /** Bytes of memory that Redis uses. */
  async memory(): Promise<number> {
    const text = (await this.#client.sendCommand(['INFO', 'memory'])) as string;
    return Number(/^used_memory:(\d+)/m.exec(text)?.[1]);
  }

  async #read(): Promise<Figures> {
    const text = (await this.#client.sendCommand(['INFO', 'commandstats', 'stats', 'cpu'])) as string;
    const number = (name: string) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1] ?? 0);
    const calls = new Map<string, number>();
    for (const [, name, count] of text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm))
      if (name !== 'info') calls.set(name!, Number(count));
    const cpu = number('used_cpu_user_main_thread') + number('used_cpu_sys_main_thread');
    return {
      at: performance.now(),
      calls,
      in: number('total_net_input_bytes'),
      out: number('total_net_output_bytes'),
      cpuUs: cpu * 1e6,
    };
  }
}

function difference(before: Figures, after: Figures, parts: number, idle: Cost, ms: number): Cost {
  const part = (a: number, b: number, rest: number) => Math.max(0, b - a - rest * ms) / parts;
  const calls = new Map<string, number>();
  for (const [name, count] of after.calls) {
    const each = part(before.calls.get(name) ?? 0, count, idle.calls.get(name) ?? 0);
    if (each > 0) calls.set(name, each);
  }
  return {
    calls,
    in: part(before.in, after.in, idle.in),
    out: part(before.out, after.out, idle.out),
    cpuUs: part(before.cpuUs, after.cpuUs, idle.cpuUs),
  };
}
