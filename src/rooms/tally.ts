import { type ClientType, plainTypes, v1Types } from '../protocol/messages.ts';

/** Counts by name; what is counted is one of a few. */
export type Counts = Record<string, number>;

/** What the rooms have done since the start, for the operator. Counted in place, and read when somebody asks. */
export class Tally {
  readonly #traffic = new Map(
    [...plainTypes, ...v1Types].map((type) => [type as ClientType, { messages: 0, bytes: 0 }]),
  );
  /** Errors that were answered, by code. */
  readonly errors: Counts = {};
  /** Connections that have ended, by close code. */
  readonly closes: Counts = {};
  joins = 0;
  /** Returns of those who had kept their seat. */
  resumes = 0;
  /** Times that a connection was over its rate, and that an address was. */
  rateLimited = 0;
  joinsLimited = 0;
  /** How long messages took from coming in to going out: a sample of them, seconds. Set by who collects them. */
  observeRelay: ((seconds: number) => void) | undefined;
  /** The same of calls, from their beginning to the connection. */
  observeConnected: ((seconds: number, path: string) => void) | undefined;
  /** What became of calls, by event. */
  readonly calls: Counts = {};
  #relays = 0;

  message(type: ClientType, bytes: number): void {
    const traffic = this.#traffic.get(type)!;
    traffic.messages++;
    traffic.bytes += bytes;
  }

  /** Messages that came, or their bytes, by type. */
  of(what: 'messages' | 'bytes'): Counts {
    return Object.fromEntries([...this.#traffic].map(([type, traffic]) => [type, traffic[what]]));
  }

  /** Whether to time this message: one of 64. */
  get sampled(): boolean {
    return this.observeRelay !== undefined && (++this.#relays & 63) === 0;
  }
}

/** Counts one more. */
export function count(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
