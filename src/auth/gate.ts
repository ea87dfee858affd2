import { setTimeout as delay } from 'node:timers/promises';
import { CloseCode } from '../protocol/codes.ts';
import type { Dialect } from '../protocol/messages.ts';
import { Refusal } from '../protocol/refusal.ts';
import { type Arrival, stranger } from '../rooms/peer.ts';
import type { Permit } from '../rooms/permit.ts';
import { newSessionId } from '../rooms/session-id.ts';
import { Failures } from './failures.ts';
import { Removals, type Shared } from './removals.ts';
import { verifyRoomToken } from './room-tokens.ts';
import type { Seats } from './seats.ts';

/** Refusals that are held back at a time: more sockets are not spent on who tries bad tokens. */
const MOST_HELD = 500;

/** What a newcomer brought. */
export interface Brought {
  dialect: Dialect;
  token: string | undefined;
  /** The seat that it was given last time. */
  seat: string | undefined;
  /** The last chat `seq` that it has seen. */
  since: number | undefined;
  /** The chat log in which that was. */
  chatLog: string | undefined;
  address: string;
}

/** Decides who may come in, by room tokens (`AUTH`), and who comes back, by seats. */
export class Gate {
  readonly removals: Removals;
  readonly #failures = new Failures();
  readonly #mode: 'off' | 'optional' | 'required';
  readonly #key: CryptoKey;
  readonly #seats: Seats;
  #held = 0;

  /**
   * @param key that of the room tokens; see hmacKey
   * @param shared where all instances remember who was removed
   */
  constructor(mode: 'off' | 'optional' | 'required', key: CryptoKey, seats: Seats, shared: Shared) {
    this.removals = new Removals(shared);
    this.#mode = mode;
    this.#key = key;
    this.#seats = seats;
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
    // To bring none is no guess.
    if (token === undefined) throw new Refusal(CloseCode.Unauthorized);
    try {
      const checked = await verifyRoomToken(token, this.#key);
      if (await this.removals.covers(checked)) throw new Refusal(CloseCode.Removed);
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

  /**
   * What has to be checked before a newcomer may have this place; nothing, if it is a plain one without a
   * token where none is wanted.
   */
  admission(room: string, peer: string, brought: Brought): (() => Promise<Arrival>) | undefined {
    if (brought.dialect === 'plain' && !this.looksAt(brought.token)) return undefined;
    return () => this.#admit(room, peer, brought);
  }

  async #admit(room: string, peer: string, brought: Brought): Promise<Arrival> {
    const { dialect, token, since, chatLog, address } = brought;
    const permit = this.looksAt(token) ? await this.checkFor(room, peer, token, address) : undefined;
    if (dialect === 'plain') return stranger(permit);
    // A seat that is no good is ignored: the join is judged as if it had none.
    const shown = brought.seat === undefined ? undefined : await this.#seats.check(brought.seat, room, peer);
    const returning = shown !== undefined && !(await this.removals.coversSeat(room, peer, shown.issuedAt));
    const sessionId = returning ? shown.sessionId : newSessionId();
    const seat = await this.#seats.issue(room, peer, sessionId);
    return { dialect, sessionId, returning, seat, permit, since, chatLog };
  }

  /** Holds a refusal back, if its address has earned that; not for more than a few sockets at a time. */
  async #hold(address: string): Promise<void> {
    const ms = this.#failures.add(address, performance.now());
    if (ms === 0 || this.#held >= MOST_HELD) return;
    this.#held++;
    await delay(ms, undefined, { ref: false });
    this.#held--;
  }
}
