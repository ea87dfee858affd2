import { setTimeout as delay } from 'node:timers/promises';
import { CloseCode } from '../protocol/codes.ts';
import { Refusal } from '../protocol/refusal.ts';
import type { Permit } from '../rooms/permit.ts';
import { Failures } from './failures.ts';
import { Removals } from './removals.ts';
import { verifyRoomToken } from './room-tokens.ts';

/** Decides who may come in, by room tokens (`AUTH`). */
export class Gate {
  readonly removals = new Removals();
  readonly #failures = new Failures();
  readonly #mode: 'off' | 'optional' | 'required';
  readonly #key: CryptoKey;

  constructor(mode: 'off' | 'optional' | 'required', key: CryptoKey) {
    this.#mode = mode;
    this.#key = key;
  }

  /** Whether a token, or its absence, has to be looked at. */
  looksAt(token: string | undefined): boolean {
    return this.#mode === 'required' || (this.#mode === 'optional' && token !== undefined);
  }

  /**
   * Checks a token that has to be looked at.
   *
   * @param address who brought it; from its eleventh bad one on, refusals take their time
   * @throws Refusal
   */
  async check(token: string | undefined, address: string): Promise<Permit> {
    try {
      if (token === undefined) throw new Refusal(CloseCode.Unauthorized);
      const checked = await verifyRoomToken(token, this.#key);
      if (this.removals.covers(checked)) throw new Refusal(CloseCode.Removed);
      return checked;
    } catch (error) {
      await this.#hold(address);
      throw error;
    }
  }

  /** The same, for this place in this room and no other. */
  async checkFor(room: string, peer: string, token: string | undefined, address: string): Promise<Permit> {
    const checked = await this.check(token, address);
    if (checked.room === room && checked.peer === peer) return checked;
    await this.#hold(address);
    throw new Refusal(CloseCode.Forbidden);
  }

  async #hold(address: string): Promise<void> {
    const ms = this.#failures.add(address, performance.now());
    if (ms > 0) await delay(ms, undefined, { ref: false });
  }
}
