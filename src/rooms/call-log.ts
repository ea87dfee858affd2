import { isCanaryRoom } from '../protocol/ids.ts';
import { keyOf, type Pair, type Side, type Signal, type Step } from './pairs.ts';
import type { Report } from './report.ts';

/** Pairs of peers that are remembered; over that the oldest are forgotten. */
const MOST_PAIRS = 5_000;
/** Pairs of one sender that are found quickly. */
const MOST_KNOWN = 200;
/** Steps of one pair that are remembered; over that the oldest are forgotten. */
const MOST_STEPS = 60;

/** A pair that is being filled: its steps are a ring, which is written in place once it is full. */
interface Open extends Pair {
  /** Where the newest step stands; -1: none is there yet. */
  newest: number;
  /** Whether it is still remembered. */
  known: boolean;
}

/** One stay of a peer in a room: it keeps its pairs at hand, as a key for each message would cost most of all. */
export interface Caller {
  /** By the other's id. */
  pairs?: Map<string, Open> | undefined;
}

/**
 * How calls are set up, pair by pair, without a look into what is passed on: the operator's answer to "why did
 * my call not connect?". What instances have seen of one pair is put together by `mergePairs`.
 */
export class CallLog {
  readonly #pairs = new Map<string, Open>();

  /**
   * A signal has passed, or could not be delivered.
   *
   * @param sender stands for the stay of `from` in the room
   */
  signal(
    sender: Caller,
    room: string,
    from: string,
    to: string,
    type: Signal,
    delivered: boolean,
    now: number,
  ): void {
    let pair = sender.pairs?.get(to);
    if (!pair?.known) {
      if (from === to || isCanaryRoom(room)) return;
      pair = this.#pairOf(room, from, to, now);
      sender.pairs ??= new Map();
      if (sender.pairs.size < MOST_KNOWN || sender.pairs.has(to)) sender.pairs.set(to, pair);
    }
    const side = pair.sides[pair.peers[0] === from ? 0 : 1];
    if (!delivered) side.undelivered++;
    else if (type === 'offer') side.offers++;
    else if (type === 'answer') side.answers++;
    else side.candidates++;
    note(pair, from, delivered ? type : 'undelivered', now);
  }

  /** A peer tells what became of its connection to another one. */
  report(room: string, from: string, to: string, report: Report, now: number): void {
    if (from === to || isCanaryRoom(room)) return;
    const pair = this.#pairOf(room, from, to, now);
    pair.sides[pair.peers[0] === from ? 0 : 1].report = report;
    note(pair, from, report.event, now, report);
  }

  /** The pairs of a room, or of all, the newest first. */
  list(room: string | undefined, limit: number): Pair[] {
    const found: Pair[] = [];
    for (const pair of [...this.#pairs.values()].reverse()) {
      if (found.length === limit) break;
      if (room === undefined || pair.room === room) found.push(seen(pair));
    }
    return found;
  }

  #pairOf(room: string, from: string, to: string, now: number): Open {
    const peers: Pair['peers'] = from < to ? [from, to] : [to, from];
    const key = keyOf(room, peers);
    const known = this.#pairs.get(key);
    if (known) return known;
    const sides: [Side, Side] = [nothing(), nothing()];
    const pair: Open = { room, peers, sides, startedAt: now, steps: [], newest: -1, known: true };
    this.#pairs.set(key, pair);
    if (this.#pairs.size > MOST_PAIRS) this.#forgetOldest();
    return pair;
  }

  #forgetOldest(): void {
    const [key, pair] = this.#pairs.entries().next().value!;
    pair.known = false;
    this.#pairs.delete(key);
  }
}

function nothing(): Side {
  return { offers: 0, answers: 0, candidates: 0, undelivered: 0, report: undefined };
}

function note(pair: Open, peer: string, event: Step['event'], at: number, report?: Report): void {
  const { steps, newest } = pair;
  const last = steps[newest];
  if (!report && last?.peer === peer && last.event === event) {
    last.count++;
    return;
  }
  pair.newest = newest + 1 === MOST_STEPS ? 0 : newest + 1;
  const oldest = steps[pair.newest];
  if (!oldest) {
    steps.push({ at, peer, event, count: 1, report });
    return;
  }
  oldest.at = at;
  oldest.peer = peer;
  oldest.event = event;
  oldest.count = 1;
  oldest.report = report;
}

/** The pair as it is now, and its steps in their order. */
function seen({ room, peers, sides: [one, other], startedAt, steps, newest }: Open): Pair {
  const inOrder = [...steps.slice(newest + 1), ...steps.slice(0, newest + 1)];
  return {
    room,
    peers,
    sides: [{ ...one }, { ...other }],
    startedAt,
    steps: inOrder.map(({ report, ...step }) => (report ? { ...step, report } : step)),
  };
}
