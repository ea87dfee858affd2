import { expect } from 'vitest';
import type { Frame } from '../helper.ts';

/** One peer's stay in a room, with everything that it was told. Moments are numbers that only grow. */
export interface Stay {
  room: string;
  peer: string;
  joinedAt: number;
  leftAt: number;
  heard: { at: number; frame: Frame }[];
}

/** What every relayed message carries as `data` in these tests: who sent it, to whom, as the how manieth. */
export interface Note {
  room: string;
  from: string;
  joinedAt: number;
  n: number;
}

const together = (a: Stay, b: Stay) =>
  a !== b && a.room === b.room && a.joinedAt < b.leftAt && b.joinedAt < a.leftAt;

/** How often `a` was told by `new-peer` of this very stay of `b`. */
function newPeers(a: Stay, b: Stay): number {
  if (a.room !== b.room) return 0;
  const told = a.heard.filter(({ at, frame }) => {
    return frame.type === 'new-peer' && frame.data === b.peer && at === b.joinedAt;
  });
  return told.length;
}

/**
 * Checks what the contract promises about rooms, whatever happened in which order.
 *
 * @param late between instances the last chat message of one who leaves may come to those who see it no more
 */
export function check(stays: Stay[], late = false): void {
  for (const stay of stays) checkOne(stay, late);
  for (const [i, a] of stays.entries()) {
    for (const b of stays.slice(i + 1)) {
      const told = newPeers(a, b) + newPeers(b, a);
      // Who goes in the same moment in which the other comes may have met it or not.
      if (a.peer !== b.peer && together(a, b)) expect(told, `${a.peer} and ${b.peer} in ${a.room}`).toBe(1);
      else expect(told).toBeLessThanOrEqual(1);
    }
  }
  for (const room of new Set(stays.map(({ room }) => room)))
    checkEnd(stays.filter((stay) => stay.room === room));
}

/** The frames of one peer agree with each other. */
function checkOne({ room, peer, heard }: Stay, late: boolean): void {
  const [first, ...rest] = heard.map(({ frame }) => frame);
  if (!first) return;
  expect(first).toMatchObject({ type: 'peers', from: 'server' });
  const known = new Set(first.data as string[]);
  expect([...known].at(-1), 'the newcomer stands last').toBe(peer);
  const lastOf = new Map<string, number>();
  let seq: number | undefined;
  for (const frame of [first, ...rest]) expect(frame.room).toBe(room);
  for (const frame of rest) {
    const about = frame.data as string;
    if (frame.type === 'new-peer') {
      expect(known.has(about), `new-peer ${about}, known already`).toBe(false);
      known.add(about);
    } else if (frame.type === 'peer-left') {
      expect(known.delete(about), `peer-left ${about}, not known`).toBe(true);
    } else if (frame.type === 'peers') {
      expect(frame.data).toEqual([...known]);
    } else if (frame.from !== 'server') {
      const { data } = frame as { data: unknown } as { data: Note };
      const last = late && frame.type === 'chat';
      expect(known.has(frame.from) || last, `${frame.type} from ${frame.from}, not known`).toBe(true);
      expect(data).toMatchObject({ room, from: frame.from });
      // One sender's messages come in the order in which they were sent, and none comes twice.
      const sender = `${data.from} ${data.joinedAt}`;
      expect(data.n).toBeGreaterThan(lastOf.get(sender) ?? -1);
      lastOf.set(sender, data.n);
      if (frame.type !== 'chat' || frame.seq === undefined) continue;
      if (seq !== undefined) expect(frame.seq).toBe(seq + 1);
      seq = frame.seq;
    }
  }
}

/** Those who are still in the room at the end have the same roster, and it is the true one. */
function checkEnd(stays: Stay[]): void {
  const here = stays.filter(({ leftAt }) => leftAt === Number.POSITIVE_INFINITY);
  const ids = here.toSorted((a, b) => a.joinedAt - b.joinedAt).map(({ peer }) => peer);
  for (const { heard } of here) {
    const rosters = heard.filter(({ frame }) => frame.type === 'peers');
    const gone = heard.filter(({ frame }) => frame.type === 'peer-left');
    const last = rosters.at(-1)!;
    const left = new Set(
      gone.filter((each) => heard.indexOf(each) > heard.indexOf(last)).map((e) => e.frame.data),
    );
    const known = (last.frame.data as string[]).filter((id) => !left.has(id));
    expect(known.toSorted()).toEqual(ids.toSorted());
  }
}
