import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Inbox, numberOf, Outbox } from '../../client/src/mailbox.ts';

/** What may happen to the wire between two mailboxes, or on it. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('post' as const) },
  { weight: 4, arbitrary: fc.constant('carry' as const) },
  { weight: 1, arbitrary: fc.constant('lose' as const) },
  { weight: 1, arbitrary: fc.constant('repeat frame' as const) },
  { weight: 1, arbitrary: fc.constant('time' as const) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
);

/** One direction of a call set-up over a wire that loses, repeats and cuts. */
class World {
  now = 0;
  posted = 0;
  readonly delivered: number[] = [];
  readonly #inbox = new Inbox();
  /** Frames under way, in order: a WebSocket does not reorder. */
  #there: { n: number; message: number }[] = [];
  #back: number[] = [];
  readonly outbox = new Outbox<number>((n, message) => this.#there.push({ n, message }));

  act(what: 'post' | 'carry' | 'lose' | 'repeat frame' | 'time' | 'cut'): void {
    switch (what) {
      case 'post':
        return this.outbox.post(++this.posted, this.now);
      case 'carry':
        return this.carry();
      case 'lose':
        this.#there.shift();
        this.#back.shift();
        return;
      case 'repeat frame':
        this.#there.unshift(...this.#there.slice(0, 1));
        return;
      case 'time':
        this.now += 10_000;
        if (this.now >= this.outbox.due) this.outbox.repeat(this.now);
        return;
      case 'cut':
        this.#there = [];
        this.#back = [];
        return this.outbox.repeat(this.now, true);
    }
  }

  carry(): void {
    const frame = this.#there.shift();
    if (frame) {
      const taken = this.#inbox.take(frame.n);
      if (taken === 'new') this.delivered.push(frame.message);
      if (taken !== 'early') this.#back.push(frame.n);
    }
    const receipt = this.#back.shift();
    if (receipt !== undefined) this.outbox.acknowledge(receipt);
  }

  get quiet(): boolean {
    return this.#there.length === 0 && this.#back.length === 0;
  }
}

test('over a wire that loses, repeats and cuts, each message is delivered once and in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const world = new World();
      for (const what of steps) world.act(what);
      const sofar = world.delivered.length;
      expect(world.delivered).toEqual(Array.from({ length: sofar }, (_, n) => n + 1));
      // The wire is whole again: after a few turns nothing waits any more.
      for (let turn = 0; world.outbox.due < Number.POSITIVE_INFINITY; turn++) {
        expect(turn).toBeLessThan(world.posted + 10);
        world.act('time');
        while (!world.quiet) world.carry();
      }
      expect(world.delivered).toEqual(Array.from({ length: world.posted }, (_, n) => n + 1));
    }),
    { numRuns: 3000 },
  );
});

test('what was never acknowledged is handed out when the other side has left, once', () => {
  const outbox = new Outbox<string>(() => {});
  outbox.post('a', 0);
  outbox.post('b', 0);
  expect(outbox.acknowledge(1)).toBe('a');
  expect(outbox.acknowledge(1)).toBeUndefined();
  expect(outbox.abandon()).toEqual(['b']);
  expect(outbox.abandon()).toEqual([]);
  expect(outbox.due).toBe(Number.POSITIVE_INFINITY);
});

test('it is sent again after 1 s, doubling to 8 s', () => {
  let sent = 0;
  const outbox = new Outbox<string>(() => sent++);
  outbox.post('a', 0);
  const waits = [];
  for (let now = 0, n = 0; n < 6; n++) {
    waits.push(outbox.due - now);
    now = outbox.due;
    outbox.repeat(now);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  expect(sent).toBe(7);
});

test('the number in an id is read only of the session that it names', () => {
  expect(numberOf('s.12', 's')).toBe(12);
  for (const id of ['t.1', 's.0', 's.-1', 's.x', 's.', 's', undefined, 's.1.5'])
    expect(numberOf(id, 's')).toBeUndefined();
});
