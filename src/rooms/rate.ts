/** Sums of fractions are not exact: what is missing by less than this is there, ms. */
const BLUR = 0.001;

/**
 * A token bucket as arithmetic (the generic cell rate algorithm, ITU-T I.371): all that it remembers of one
 * who is limited is a number, the time at which the bucket would be full again.
 */
export class Rate {
  readonly #interval: number;
  readonly #tolerance: number;

  /**
   * @param perSecond tokens that come back each second; 0: no limit
   * @param burst tokens in a full bucket; 0: no limit
   */
  constructor(perSecond: number, burst: number) {
    const limited = perSecond > 0 && burst > 0;
    this.#interval = limited ? 1000 / perSecond : 0;
    this.#tolerance = limited ? burst * this.#interval + BLUR : 0;
  }

  /**
   * Takes `count` tokens.
   *
   * @param fullAt what the last call returned for this one; 0 at first
   * @param now milliseconds of a clock that never goes back
   * @returns the new `fullAt`, or -1 if there were too few tokens and none was taken
   */
  take(fullAt: number, count: number, now: number): number {
    const next = Math.max(fullAt, now) + count * this.#interval;
    return next - now > this.#tolerance ? -1 : next;
  }
}
