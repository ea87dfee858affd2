import type { Rate } from './rate.ts';

/** Addresses that are remembered before those whose bucket is full again are forgotten. */
const SWEEP_AT = 1024;

/** A rate for each network address: an IPv4 address, or the /64 that one IPv6 customer has. */
export class AddressRate {
  readonly #rate: Rate;
  readonly #fullAt = new Map<string, number>();
  #sweepAt = SWEEP_AT;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Whether `address` may go on, which takes a token. `now` in ms, of a clock that never goes back. */
  take(address: string, now: number): boolean {
    const key = network(address);
    const next = this.#rate.take(this.#fullAt.get(key) ?? 0, 1, now);
    if (next < 0) return false;
    if (next > now) this.#fullAt.set(key, next);
    if (this.#fullAt.size > this.#sweepAt) this.#sweep(now);
    return true;
  }

  #sweep(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#fullAt.size);
  }
}

/**
 * The part of an address that stands for one customer: all of IPv4, the first 64 bits of IPv6 (RFC 6177). Some
 * proxies write the port behind it.
 *
 * @param address none, where a connection has ended already
 */
export function network(address = ''): string {
  const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/i.exec(address);
  if (ipv4) return ipv4[1]!;
  if (!address.includes(':')) return address;
  const ipv6 = address.toLowerCase().replace(/^\[(.*)\](:\d+)?$/, '$1');
  const [left = '', right = ''] = ipv6.replace(/%.*$/, '').split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === '' ? [] : right.split(':');
  const zeros = address.includes('::') ? Array(Math.max(0, 8 - before.length - after.length)).fill('0') : [];
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
