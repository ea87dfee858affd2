import { expect, test } from 'vitest';
import { type Caller, CallLog } from '../../src/rooms/call-log.ts';
import { diagnose } from '../../src/rooms/diagnosis.ts';
import { mergePairs, type Signal } from '../../src/rooms/pairs.ts';
import type { Report } from '../../src/rooms/report.ts';

type Act = [who: 'a' | 'b', what: Signal | 'lost' | Report];

/** A stay in a room. */
const caller = (id: string, session = id, room = 'r'): Caller => ({
  id,
  room: { id: room },
  entry: { session },
});

/** The sentence on a call in which this happened, seen this long after its beginning. */
function said(acts: Act[], { turn = false, after = 1_000 } = {}): string {
  const log = new CallLog();
  const callers = { a: caller('a'), b: caller('b') };
  for (const [who, what] of acts) {
    const to = who === 'a' ? 'b' : 'a';
    const target = what === 'lost' ? undefined : callers[to];
    if (typeof what === 'object') log.report(callers[who], to, target, what, 0);
    else log.signal(callers[who], to, target, what === 'lost' ? 'offer' : what, what !== 'lost', 0);
  }
  return diagnose(log.list('r', 1)[0]!, turn, after);
}

const offered: Act[] = [['a', 'offer']];
const answered: Act[] = [...offered, ['b', 'answer']];

test.each<[string, Act[], { turn?: boolean; after?: number }?]>([
  ['a has made an offer; b has not answered yet.', offered],
  ['b never answered.', offered, { after: 20_000 }],
  ['What a sent could not be delivered: b was not there.', [['a', 'lost']]],
  ['Candidates have passed, but neither side has made an offer.', [['a', 'ice']]],
  ['Offer and answer have passed, but a has sent no candidates.', [...answered, ['b', 'ice']]],
  ['Offer and answer have passed, and no candidates: they may stand in the descriptions.', answered],
  [
    'Offer, answer and candidates have passed; neither side tells what became of it.',
    [...answered, ['b', 'ice'], ['a', 'ice']],
  ],
  [
    'a is connected after 840 ms over host.',
    [...answered, ['a', { event: 'connected', ms: 840, path: 'host' }]],
  ],
  [
    'a is connected after 2 s over relay; b is connected.',
    [
      ['a', { event: 'connected', ms: 2_000, path: 'relay' }],
      ['b', { event: 'connected' }],
    ],
  ],
  ['The connection broke, and new paths are being looked for.', [['a', { event: 'restarted' }]]],
  ['The call has ended.', [['a', { event: 'closed' }]]],
  [
    'a saw the connection fail after 15 s: relay allocation refused. No TURN is configured.',
    [
      [
        'a',
        {
          event: 'failed',
          ms: 15_000,
          reason: 'relay allocation refused',
          candidates: { host: 1, srflx: 1 },
        },
      ],
    ],
  ],
  [
    'a saw the connection fail. a found no relay candidates: its network may keep it from the TURN server.',
    [['a', { event: 'failed', candidates: { host: 1 } }]],
    { turn: true },
  ],
  ['b saw the connection fail. b found no candidates at all.', [['b', { event: 'failed', candidates: {} }]]],
  ['b saw the connection fail.', [['b', { event: 'failed', candidates: { relay: 1 } }]]],
])('%s', (sentence, acts, options) => {
  expect(said(acts, options)).toBe(sentence);
});

test('what two instances have seen of one pair is one call', () => {
  const [one, two] = [new CallLog(), new CallLog()];
  one.signal(caller('a'), 'b', caller('b'), 'offer', true, 1_000);
  const b = caller('b');
  two.signal(b, 'a', caller('a'), 'answer', true, 2_000);
  two.report(b, 'a', caller('a'), { event: 'connected' }, 3_000);
  const [pair, ...others] = mergePairs([one.list('r', 10), two.list('r', 10)]);
  expect(others).toEqual([]);
  expect(pair!.steps.map(({ peer, event }) => `${peer} ${event}`)).toEqual([
    'a offer',
    'b answer',
    'b connected',
  ]);
  expect(pair!.sides).toMatchObject([{ offers: 1 }, { answers: 1, report: { event: 'connected' } }]);
});

test('one who comes anew begins another call; what is said to one that has gone belongs to the last', () => {
  const log = new CallLog();
  const a = caller('a');
  log.signal(a, 'b', caller('b', 'first'), 'offer', true, 1_000);
  log.report(a, 'b', undefined, { event: 'closed' }, 2_000);
  log.signal(a, 'b', caller('b', 'second'), 'offer', true, 3_000);
  log.signal(caller('b', 'second'), 'a', a, 'answer', true, 4_000);
  log.signal(caller('a', 'anew'), 'b', undefined, 'offer', false, 5_000);
  const calls = log.list('r', 10).map(({ startedAt, steps }) => [startedAt, steps.map(({ event }) => event)]);
  expect(calls).toEqual([
    [5_000, ['undelivered']],
    [3_000, ['offer', 'answer']],
    [1_000, ['offer', 'closed']],
  ]);
});

test('it is bounded: the oldest pairs and steps go, and nobody keeps them', () => {
  const log = new CallLog();
  const a = caller('a');
  const b0 = caller('b0');
  log.signal(b0, 'a', a, 'offer', true, 0);
  for (let n = 0; n < 6_000; n++) log.signal(a, `b${n}`, caller(`b${n}`), 'offer', true, n);
  expect(log.list(undefined, 10_000)).toHaveLength(5_000);
  expect(log.list(undefined, 1)[0]!.peers[1]).toBe('b5999');
  expect([a.pairs!.size, b0.pairs!.size]).toEqual([5_000, 0]);
  log.signal(a, 'b0', b0, 'offer', true, 6_000);
  expect(log.list(undefined, 1)[0]).toMatchObject({
    peers: ['a', 'b0'],
    startedAt: 6_000,
    sides: [{ offers: 1 }, {}],
  });
  const both = [caller('a', 'a', 's'), caller('b', 'b', 's')] as const;
  for (let n = 0; n < 200; n++) {
    const [from, to] = n % 2 ? both : both.toReversed();
    log.signal(from!, to!.id, to, 'ice', true, n);
  }
  const times = log.list('s', 1)[0]!.steps.map(({ at }) => at);
  expect(times).toEqual(Array.from({ length: 60 }, (_, n) => 140 + n));
});
