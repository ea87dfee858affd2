interface Timer {
  at: number;
  /** Of those that are due at the same time, the one that was set first comes first. */
  order: number;
  run: (() => void) | undefined;
}

/** When a run begins, ms since 1970. */
export const EPOCH = 1_760_000_000_000;

/** How deep a chain of promises may go on between two timers. */
const MICROTASKS = 16;

/** A small seeded generator (mulberry32): numbers from 0 to below 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Time that passes only from timer to timer: the same run each time, and as fast as the machine can. */
export class VirtualClock {
  /** Milliseconds since 1970. */
  now = EPOCH;
  readonly #heap: Timer[] = [];
  #order = 0;

  /** @returns takes it back */
  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.now + Math.max(0, ms), order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    for (let up: number; at > 0 && before(timer, heap[(up = (at - 1) >> 1)]!); at = up) heap[at] = heap[up]!;
    heap[at] = timer;
    return () => {
      timer.run = undefined;
    };
  }

  /** Lets time pass until the condition holds, asked each second, or for this long. @returns whether it held */
  async until(condition: () => boolean, ms: number): Promise<boolean> {
    const end = this.now + ms;
    while (!condition()) {
      if (this.now >= end) return false;
      await this.pass(Math.min(1000, end - this.now));
    }
    return true;
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (let timer = this.#heap[0]; timer && timer.at <= end; timer = this.#heap[0]) {
      this.#pop();
      if (!timer.run) continue;
      this.now = Math.max(this.now, timer.at);
      timer.run();
      for (let n = 0; n < MICROTASKS; n++) await undefined;
    }
    this.now = end;
  }

  /** Puts itself in the place of all timers and clocks of this process, and `random` in that of its dice. */
  install(random: () => number): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
    const before = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate };
    const dice = Math.random;
    const date = Date.now;
    const start = this.now - 1000;
    const handle = (stop: () => void) => Object.assign(stop, { ref: () => {}, unref: () => {} });
    const every = (run: () => void, ms: number) => {
      let stop = () => {};
      const next = () => {
        stop = this.after(ms, () => {
          next();
          run();
        });
      };
      next();
      return handle(() => stop());
    };
    const clear = (stop: (() => void) | undefined) => stop?.();
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0) => handle(this.after(ms, run)),
      setInterval: every,
      setImmediate: (run: () => void) => handle(this.after(0, run)),
      clearTimeout: clear,
      clearInterval: clear,
    });
    Math.random = random;
    Date.now = () => Math.floor(this.now);
    Object.defineProperty(performance, 'now', { value: () => this.now - start, configurable: true });
    return () => {
      Object.assign(globalThis, before);
      Math.random = dice;
      Date.now = date;
      delete (performance as Partial<Performance>).now;
    };
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++;
      if (!before(heap[down]!, last)) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = last;
  }
}

function before(one: Timer, other: Timer): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}
