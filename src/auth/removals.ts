import type { Permit } from '../rooms/permit.ts';

/** How long a removal is remembered at least, seconds: the peer may hold an older token that lives longer. */
const REMEMBERED = 24 * 3600;
/** Removals that are remembered before those that are over are forgotten. */
const SWEEP_AT = 1024;

interface Removal {
  /** Seconds since 1970. */
  at: number;
  until: number;
  signature: string | undefined;
}

/** Who was removed from which room: the tokens they had are good no longer. */
export class Removals {
  readonly #removals = new Map<string, Removal>();
  #sweepAt = SWEEP_AT;

  /**
   * @param token the one that the removed peer came with, if it had one
   * @param now seconds since 1970
   */
  add(room: string, peer: string, token: Permit | undefined, now: number): void {
    const until = Math.max(now + REMEMBERED, token?.expiresAt ?? 0);
    this.#removals.set(key(room, peer), { at: Math.floor(now), until, signature: token?.signature });
    if (this.#removals.size > this.#sweepAt) this.#sweep(now);
  }

  /** Whether this token was its owner's when the owner was removed. One that was issued later is good. */
  covers(token: Permit): boolean {
    const removal = this.#removals.get(key(token.room, token.peer));
    if (!removal) return false;
    const { issuedAt = 0 } = token;
    // Tokens count whole seconds, so that of the same second only the very one is known to be older.
    return token.signature === removal.signature || issuedAt < removal.at;
  }

  /** Whether a seat, issued at this second, is older than its owner's removal. */
  coversSeat(room: string, peer: string, issuedAt: number): boolean {
    const removal = this.#removals.get(key(room, peer));
    return removal !== undefined && issuedAt <= removal.at;
  }

  #sweep(now: number): void {
    for (const [key, { until }] of this.#removals) if (until <= now) this.#removals.delete(key);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#removals.size);
  }
}

function key(room: string, peer: string): string {
  return JSON.stringify([room, peer]);
}
