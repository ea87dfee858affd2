import { network } from '../rooms/address-rate.ts';

/** Failed tries that cost an address nothing. */
const FREE = 10;
/** Time without a failed try after which an address begins anew, ms. */
const FORGIVEN_AFTER = 30 * 60_000;
/** What the first try over that has to wait, ms; each further one twice as long. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 25_000;
/** Addresses that are remembered before those that begin anew are forgotten. */
const SWEEP_AT = 1024;

/** Slows down who keeps trying bad tokens. Good ones are not held up: a whole office may share an address. */
export class Failures {
  readonly #failures = new Map<string, { count: number; last: number }>();
  #sweepAt = SWEEP_AT;

  /**
   * Counts a failed try.
   *
   * @param now milliseconds of a clock that never goes back
   * @returns how long its answer is to be held back, ms
   */
  add(address: string, now: number): number {
    const key = network(address);
    const before = this.#failures.get(key);
    const count = before && now - before.last < FORGIVEN_AFTER ? before.count + 1 : 1;
    this.#failures.set(key, { count, last: now });
    if (this.#failures.size > this.#sweepAt) this.#sweep(now);
    return count <= FREE ? 0 : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (count - FREE - 1));
  }

  #sweep(now: number): void {
    for (const [key, { last }] of this.#failures) {
      if (now - last >= FORGIVEN_AFTER) this.#failures.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#failures.size);
  }
}
