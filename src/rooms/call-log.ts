import { isCanaryRoom, isPeerId } from '../protocol/ids.ts';
import { keyOf, type Pair, type Side, type Signal, type Step } from './pairs.ts';
import type { Report } from './report.ts';

/** Pairs of peers that are remembered; over that the oldest are forgotten. */
const MOST_PAIRS = 5_000;
/** Steps of one pair that are remembered; over that the oldest are forgotten. */
const MOST_STEPS = 60;

/** A pair that is being filled: its steps are a ring, which is written in place once it is full. */
interface Open extends Pair {
  /** Where the newest step stands; -1: none is there yet. */
  newest: number;
  /** Those of the two callers' maps in which it stands. */
  holders: Map<string, Open>[];
}

/** One stay of a peer in a room: it keeps its pairs at hand, as a key for each message would cost most of all. */
export interface Caller {
  readonly id: string;
  readonly room: { readonly id: string };
  readonly entry: { readonly session: string };
  /** Those that are remembered, by the other's id. */
  pairs?: Map<string, Open> | undefined;
}

/**
 * How calls are set up, pair by pair, without a look into what is passed on: the operator's answer to "why did
 * my call not connect?". One who comes anew begins another pair. What instances have seen of one pair is put
 * together by `mergePairs`.
 */
export class CallLog {
  readonly #pairs = new Map<string, Open>();

  /**
   * A signal has passed, or could not be delivered.
   *
   * @param target `to`, if it is there
   */
  signal(
    sender: Caller,
    to: string,
    target: Caller | undefined,
    type: Signal,
    delivered: boolean,
    now: number,
  ): void {
    const pair = this.#pairOf(sender, to, target, now);
    if (!pair) return;
    const side = sideOf(pair, sender);
    if (!delivered) side.undelivered++;
    else if (type === 'offer') side.offers++;
    else if (type === 'answer') side.answers++;
    else side.candidates++;
    note(pair, sender.id, delivered ? type : 'undelivered', now);
  }

  /** A peer tells what became of its connection to another one. */
  report(sender: Caller, to: string, target: Caller | undefined, report: Report, now: number): void {
    const pair = this.#pairOf(sender, to, target, now);
    if (!pair) return;
    sideOf(pair, sender).report = report;
    note(pair, sender.id, report.event, now, report);
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

  /** Nothing, if it is not to be remembered. */
  #pairOf(sender: Caller, to: string, target: Caller | undefined, now: number): Open | undefined {
    const known = sender.pairs?.get(to);
    // One that has gone is the one that was there last.
    if (known && (!target || known.sessions[known.peers[0] === to ? 0 : 1] === target.entry.session))
      return known;
    const { id: from, room } = sender;
    // Whoever asks for one who can't be there may write anything.
    if (from === to || isCanaryRoom(room.id) || !isPeerId(to)) return undefined;
    const [own, other] = [sender.entry.session, target?.entry.session ?? ''];
    const sides: [Side, Side] = [nothing(), nothing()];
    const both: Pick<Pair, 'peers' | 'sessions'> =
      from < to
        ? { peers: [from, to], sessions: [own, other] }
        : { peers: [to, from], sessions: [other, own] };
    const fresh: Pair = { room: room.id, ...both, sides, startedAt: now, steps: [] };
    const key = keyOf(fresh);
    const pair = this.#pairs.get(key) ?? { ...fresh, newest: -1, holders: [] };
    this.#pairs.set(key, pair);
    sender.pairs ??= new Map();
    sender.pairs.set(to, pair);
    if (!pair.holders.includes(sender.pairs)) pair.holders.push(sender.pairs);
    if (this.#pairs.size > MOST_PAIRS) this.#forgetOldest();
    return pair;
  }

  #forgetOldest(): void {
    const [key, pair] = this.#pairs.entries().next().value!;
    this.#pairs.delete(key);
    for (const holder of pair.holders)
      for (const peer of pair.peers) if (holder.get(peer) === pair) holder.delete(peer);
  }
}

function sideOf({ peers, sides }: Pair, { id }: Caller): Side {
  return sides[peers[0] === id ? 0 : 1];
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
function seen({ room, peers, sessions, sides: [one, other], startedAt, steps, newest }: Open): Pair {
  const inOrder = [...steps.slice(newest + 1), ...steps.slice(0, newest + 1)];
  return {
    room,
    peers,
    sessions,
    sides: [{ ...one }, { ...other }],
    startedAt,
    steps: inOrder.map(({ report, ...step }) => (report ? { ...step, report } : step)),
  };
}
