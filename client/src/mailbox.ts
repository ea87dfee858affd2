/** A time that does not come. */
export const NEVER = Number.POSITIVE_INFINITY;
/** Of how many messages, or peers that left, something is remembered. */
const MOST_REMEMBERED = 1_000;
/** Before the first repetition, ms; doubles up to the longest. */
const FIRST_REPEAT = 1_000;
const LONGEST_REPEAT = 8_000;

/**
 * The sending half of the receipts between two clients: numbers messages, keeps each until its receipt, and
 * sends it again when the time is up or the other side is back. Without a timer of its own: `due` says when
 * to call `repeat`.
 */
export class Outbox<M> {
  /** When to call `repeat`, ms of the caller's clock; infinite while nothing waits. */
  due = NEVER;
  readonly #send: (n: number, message: M) => void;
  readonly #waiting = new Map<number, M>();
  #last = 0;
  #delay = FIRST_REPEAT;

  /** @param send puts a message on the wire; it may get lost there */
  constructor(send: (n: number, message: M) => void) {
    this.#send = send;
  }

  /** Sends a message under the next number. */
  post(message: M, now: number): void {
    if (this.#waiting.size === 0) {
      this.#delay = FIRST_REPEAT;
      this.due = now + this.#delay;
    }
    this.#waiting.set(++this.#last, message);
    this.#send(this.#last, message);
  }

  /** The receipt of one message came: hands the message out, if it was still waited for. */
  acknowledge(n: number): M | undefined {
    const message = this.#waiting.get(n);
    this.#waiting.delete(n);
    if (this.#waiting.size === 0) this.due = NEVER;
    return message;
  }

  /** Sends what still waits again, in order; at once where the other side has just come back. */
  repeat(now: number, fresh = false): void {
    if (this.#waiting.size === 0) return;
    this.#delay = fresh ? FIRST_REPEAT : Math.min(LONGEST_REPEAT, 2 * this.#delay);
    this.due = now + this.#delay;
    for (const [n, message] of this.#waiting) this.#send(n, message);
  }

  /** Gives up: hands out what was never acknowledged. */
  abandon(): M[] {
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    this.due = NEVER;
    return lost;
  }
}

/**
 * The receiving half: drops repetitions and takes messages in the order of their numbers alone. One that is
 * early is not kept: without a receipt it comes again, behind those that are missing.
 */
export class Inbox {
  #next = 1;

  /** `new` is to be handed on and acknowledged, `repeated` acknowledged again, `early` dropped. */
  take(n: number): 'new' | 'repeated' | 'early' {
    if (n > this.#next) return 'early';
    if (n < this.#next) return 'repeated';
    this.#next++;
    return 'new';
  }
}

/** The number in a message `id` "<session id>.<n>"; undefined if it is not of that session. */
export function numberOf(id: string | undefined, session: string): number | undefined {
  if (!id?.startsWith(`${session}.`)) return undefined;
  const n = Number(id.slice(session.length + 1));
  return Number.isSafeInteger(n) && n > 0 ? n : undefined;
}

/** Forgets the oldest of what is remembered, if that is too much. */
export function limit(remembered: Map<string, unknown> | Set<string>): void {
  const [oldest] = remembered.keys();
  if (remembered.size > MOST_REMEMBERED) remembered.delete(oldest!);
}
