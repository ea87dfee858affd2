import type { Permit } from '../rooms/permit.ts';

/** How long a removal is remembered at least, seconds: the peer may hold an older token that lives longer. */
const REMEMBERED = 24 * 3600;
/** And at most: Redis takes no time without end. */
const FOR_EVER = 100 * 365 * 24 * 3600;
/** Removals that are remembered before those that are over are forgotten. */
const SWEEP_AT = 1024;

interface Removal {
  /** Seconds since 1970. */
  at: number;
  until: number;
  signature: string | undefined;
}

/** What all instances remember together. */
export interface Shared {
  put(key: string, value: string, seconds: number): Promise<void>;
  get(key: string): Promise<string | undefined>;
}

/** Who was removed from which room: the tokens they had are good no longer, on any instance. */
export class Removals {
  readonly #removals = new Map<string, Removal>();
  readonly #shared: Shared;
  #sweepAt = SWEEP_AT;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /**
   * @param token the one that the removed peer came with, if it had one
   * @param now seconds since 1970
   */
  add(room: string, peer: string, token: Permit | undefined, now: number): void {
    const until = Math.min(Math.max(now + REMEMBERED, token?.expiresAt ?? 0), now + FOR_EVER);
    const removal = { at: Math.floor(now), until, signature: token?.signature };
    const name = key(room, peer);
    this.#removals.set(name, removal);
    if (this.#removals.size > this.#sweepAt) this.#sweep(now);
    // Who can't be reached is told by `share`; here it is remembered.
    this.#put(name, removal, now).catch(() => {});
  }

  /** Tells all instances what they have lost, or have not been told. */
  async share(now: number): Promise<void> {
    for (const [name, removal] of this.#removals) {
      if (removal.until <= now) continue;
      const there = await this.#there(name);
      if (!there || there.at < removal.at) await this.#put(name, removal, now);
    }
  }

  /** Whether this token was its owner's when the owner was removed. One that was issued later is good. */
  async covers(token: Permit): Promise<boolean> {
    const removal = await this.#find(token.room, token.peer);
    if (!removal) return false;
    const { issuedAt = 0 } = token;
    // Tokens count whole seconds, so that of the same second only the very one is known to be older.
    return token.signature === removal.signature || issuedAt < removal.at;
  }

  /** Whether a seat, issued at this second, is older than its owner's removal. */
  async coversSeat(room: string, peer: string, issuedAt: number): Promise<boolean> {
    const removal = await this.#find(room, peer);
    return removal !== undefined && issuedAt <= removal.at;
  }

  async #find(room: string, peer: string): Promise<Removal | undefined> {
    const name = key(room, peer);
    const there = await this.#there(name).catch(() => undefined);
    const here = this.#removals.get(name);
    return here && there ? (here.at >= there.at ? here : there) : (here ?? there);
  }

  async #there(name: string): Promise<Removal | undefined> {
    const shared = await this.#shared.get(name);
    return shared === undefined ? undefined : JSON.parse(shared);
  }

  #put(name: string, removal: Removal, now: number): Promise<void> {
    return this.#shared.put(name, JSON.stringify(removal), removal.until - now);
  }

  #sweep(now: number): void {
    for (const [key, { until }] of this.#removals) if (until <= now) this.#removals.delete(key);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#removals.size);
  }
}

function key(room: string, peer: string): string {
  return `removed:${JSON.stringify([room, peer])}`;
}
