import { longest, type Span, type Stay } from './stay.ts';

/** A message, and what became of it. */
interface Said {
  from: Stay;
  n: number;
  kind: 'signal' | 'chat';
  /** Those who are to get it if they stay. */
  audience: Set<Stay>;
  /** `sent`: a plain client is told of what went wrong alone. */
  outcome: 'pending' | 'sent' | 'delivered' | 'reported';
}

/** An absence that is about as long as the grace may end by a `peer-left`, ms shorter. */
const MARGIN = 1_500;
/** For how long after a long absence it may come: it has to be written, and told. */
const LATE = 10_000;
/** For how long after a leave that run may seem to be there, ms. */
const SHADOW = 30_000;
/** How long the instances need to find together again after a fault, ms. */
const AFTERMATH = 2_500;

/** All that was said, and what must hold of it. */
export class Ledger {
  /** What did not hold. */
  readonly violations: string[] = [];
  /** How often what was checked. */
  readonly checked: Record<string, number> = {};
  readonly stays: Stay[] = [];
  /** Faults, during which nobody may be told of anybody's return. */
  readonly troubles: Span[] = [];
  /** Those of Redis among them. */
  readonly outages: Span[] = [];
  readonly #said = new Map<string, Said>();
  /** Those that were not judged for good yet. */
  readonly #open = new Map<string, Said>();
  readonly #numbers = new Map<string, number>();
  /** The number of each chat message in its room. */
  readonly #seqs = new Map<string, number>();
  readonly #graceMs: number;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  complain(text: string): void {
    this.violations.push(`${new Date().toISOString()} ${text}`);
  }

  count(what: string): void {
    this.checked[what] = (this.checked[what] ?? 0) + 1;
  }

  /** @returns the message's name, which its data is to hold */
  say(from: Stay, kind: Said['kind'], audience: Iterable<Stay>): string {
    const n = (this.#numbers.get(from.name) ?? 0) + 1;
    this.#numbers.set(from.name, n);
    const outcome = from.dialect === 'v1' ? 'pending' : 'sent';
    const id = `${kind} ${from.name}>${n}`;
    const said: Said = { from, n, kind, audience: new Set(audience), outcome };
    this.#said.set(id, said);
    this.#open.set(id, said);
    return id;
  }

  became(id: string, outcome: 'delivered' | 'reported' | 'sent'): void {
    this.#said.get(id)!.outcome = outcome;
  }

  /** @param seq of a chat message */
  heard(by: Stay, id: string, seq?: number): void {
    const said = this.#said.get(id);
    if (!said) return this.complain(`${by.name} got ${id}, which nobody sent`);
    this.count(`${said.kind}s received`);
    if (by.got.has(id)) this.complain(`${by.name} got ${id} twice`);
    else if (!by.inOrder(`${said.kind} ${said.from.name}`, said.n))
      this.complain(`${by.name} got ${id} after a later ${said.kind}`);
    by.got.add(id);
    if (said.from.room !== by.room) this.complain(`${by.name} got ${id} of another room`);
    if (seq === undefined) return;
    const known = this.#seqs.get(id);
    if (known === undefined) this.#seqs.set(id, seq);
    else if (known !== seq) this.complain(`${by.name} got ${id} as number ${seq}, others as ${known}`);
  }

  /**
   * The server says that it may lack some of the chat. That may be for one who came in an outage, to an instance
   * that did not know the room: it was told another name of the log than those who know of one.
   */
  gap(stay: Stay): void {
    const inOutage = ({ from, to }: Span) => from <= stay.joinedAt && stay.joinedAt <= to + AFTERMATH;
    if (!this.outages.some(inOutage)) return this.complain(`${stay.name} has a gap in its chat`);
    this.count('chats begun anew after an outage');
    stay.forget();
  }

  /** Whether nothing waits for its outcome any more. */
  get settled(): boolean {
    return this.pending.length === 0;
  }

  get pending(): string[] {
    return [...this.#open].flatMap(([id, { outcome }]) => (outcome === 'pending' ? [id] : []));
  }

  /** Messages that did not arrive though their sender was told so, or nothing. */
  get missing(): string[] {
    return [...this.#open].flatMap(([id, { outcome, audience }]) =>
      outcome === 'delivered'
        ? [...audience]
            .filter((stay) => stay.leftAt === undefined && !stay.got.has(id))
            .map((stay) => `${id} at ${stay.name}`)
        : [],
    );
  }

  /** Begins a new page: all is quiet, and what was said is done with. */
  close(): void {
    for (const { kind, outcome } of this.#open.values()) this.count(`${kind}s ${outcome}`);
    this.#open.clear();
  }

  /** Somebody was told that these left, who sat one after the other on one peer id: one of them has to have. */
  left(by: Stay, stays: Stay[]): void {
    this.count('peer-left judged');
    if (stays.some((stay) => stay.dialect === 'plain' || this.#mayLeave(stay))) return;
    this.complain(
      `${by.name} got peer-left of ${stays.map(({ name }) => name).join(' or ')}, who came back in time`,
    );
  }

  /**
   * Whether a run before this one may still seem to be there, as its leave could not be told: the place is that
   * one's then, and this one is refused.
   */
  hasShadow(stay: Stay): boolean {
    return this.stays.some(
      ({ room, peer, leftAt = 0 }) =>
        room === stay.room && peer === stay.peer && leftAt > Date.now() - SHADOW,
    );
  }

  #mayLeave(stay: Stay): boolean {
    if (stay.leftAt !== undefined || this.hasShadow(stay)) return true;
    const since = Date.now() - LATE - this.#graceMs;
    const troubles = this.troubles.map(({ from, to }) => ({ from, to: to + AFTERMATH }));
    const spans = [...stay.absences, ...troubles].filter(({ to }) => to > since);
    return stay.absences.length > 0 && longest(spans) > this.#graceMs - MARGIN;
  }
}
