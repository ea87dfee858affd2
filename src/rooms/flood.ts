/** How long a peer may go on over its rate, ms, before it is closed. */
export const FLOOD_LIMIT = 10_000;
/** A pause this long, ms, without a message over the rate ends a flood. */
export const FLOOD_PAUSE = 2_000;

/** Notices who goes on sending although its messages are refused. */
export class Flood {
  #since = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Counts a refused message; whether this has gone on for too long. `now` in ms. */
  refused(now: number): boolean {
    if (now - this.#last > FLOOD_PAUSE) this.#since = now;
    this.#last = now;
    return now - this.#since >= FLOOD_LIMIT;
  }
}
