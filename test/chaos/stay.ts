/** From when to when, ms since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** One run of one peer, from its join to its leave; with a plain peer, one connection. */
export class Stay {
  readonly room: string;
  readonly peer: string;
  /** Names it in what is printed. */
  readonly name: string;
  readonly dialect: 'v1' | 'plain';
  readonly joinedAt = Date.now();
  session = '';
  /** Ms since 1970; undefined while it stays. */
  leftAt: number | undefined;
  /** When it had no connection. The last one may go on. */
  readonly absences: Span[] = [];
  /** Signals and chats that it got. */
  readonly got = new Set<string>();
  readonly #last = new Map<string, number>();

  constructor(room: string, peer: string, n: number, dialect: 'v1' | 'plain') {
    this.room = room;
    this.peer = peer;
    this.dialect = dialect;
    this.name = `${room}/${peer}#${n}`;
  }

  lost(): void {
    if (this.absences.at(-1)?.to !== Number.POSITIVE_INFINITY)
      this.absences.push({ from: Date.now(), to: Number.POSITIVE_INFINITY });
  }

  back(): void {
    const last = this.absences.at(-1);
    if (last?.to === Number.POSITIVE_INFINITY) last.to = Date.now();
  }

  /** The chat begins anew for it. */
  forget(): void {
    for (const id of [...this.got]) if (id.startsWith('chat ')) this.got.delete(id);
    for (const sender of [...this.#last.keys()]) if (sender.startsWith('chat ')) this.#last.delete(sender);
  }

  /** Takes the next number of one sender. @returns whether it is greater than those before */
  inOrder(sender: string, n: number): boolean {
    const last = this.#last.get(sender) ?? 0;
    this.#last.set(sender, Math.max(n, last));
    return n > last;
  }
}

/** The longest time in which one of these spans, or the next one that begins before it ends, was under way. */
export function longest(spans: Span[]): number {
  let most = 0;
  let current: Span | undefined;
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    if (current && span.from <= current.to) current.to = Math.max(current.to, span.to);
    else current = { ...span };
    most = Math.max(most, Math.min(current.to, Date.now()) - current.from);
  }
  return most;
}
