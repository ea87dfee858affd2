import type { ClientType } from '../protocol/messages.ts';
import type { Report } from './report.ts';

/** What passes between two peers to set up a call. */
export type Signal = Extract<ClientType, 'offer' | 'answer' | 'ice'>;

/** One step of a call's set-up. */
export interface Step {
  /** Ms since 1970. */
  at: number;
  /** Whose. */
  peer: string;
  event: Signal | Report['event'] | 'undelivered';
  /** How many of these followed each other. */
  count: number;
  report?: Report | undefined;
}

/** What one side has done so far. */
export interface Side {
  offers: number;
  answers: number;
  candidates: number;
  /** Messages that could not be delivered. */
  undelivered: number;
  /** Its last report. */
  report: Report | undefined;
}

/** Two peers of a room, and how the set-up of their call goes. */
export interface Pair {
  room: string;
  /** In the order of their ids. */
  peers: [string, string];
  /** Their sessions; empty, if one was not there. */
  sessions: [string, string];
  sides: [Side, Side];
  /** Ms since 1970. */
  startedAt: number;
  /** In their order. */
  steps: Step[];
}

/** Names a pair: no id has a control character. */
export function keyOf({ room, peers, sessions }: Pick<Pair, 'room' | 'peers' | 'sessions'>): string {
  return [room, ...peers, ...sessions].join('\n');
}

/** Puts together what several instances have seen: each has seen what its own peers sent. */
export function mergePairs(lists: Pair[][]): Pair[] {
  const merged = new Map<string, Pair>();
  for (const pair of lists.flat()) {
    const key = keyOf(pair);
    const other = merged.get(key);
    if (!other) {
      merged.set(key, pair);
      continue;
    }
    merged.set(key, {
      ...pair,
      startedAt: Math.min(pair.startedAt, other.startedAt),
      sides: [add(pair.sides[0], other.sides[0]), add(pair.sides[1], other.sides[1])],
      steps: [...pair.steps, ...other.steps].sort((a, b) => a.at - b.at),
    });
  }
  return [...merged.values()].sort((a, b) => b.startedAt - a.startedAt);
}

function add(a: Side, b: Side): Side {
  return {
    offers: a.offers + b.offers,
    answers: a.answers + b.answers,
    candidates: a.candidates + b.candidates,
    undelivered: a.undelivered + b.undelivered,
    report: a.report ?? b.report,
  };
}
