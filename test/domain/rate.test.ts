import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rate } from '../../src/rooms/rate.ts';

/** The bucket as the textbook has it. It counts milliseconds, so that whole numbers stay exact. */
class Bucket {
  readonly #interval: number;
  readonly #size: number;
  #level: number;
  #at = 0;

  constructor(perSecond: number, burst: number) {
    this.#interval = 1000 / perSecond;
    this.#size = burst * this.#interval;
    this.#level = this.#size;
  }

  take(count: number, now: number): boolean {
    this.#level = Math.min(this.#size, this.#level + now - this.#at);
    this.#at = now;
    if (this.#level < count * this.#interval) return false;
    this.#level -= count * this.#interval;
    return true;
  }
}

const steps = fc.array(
  fc.record({ wait: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5_000)), count: fc.nat(12) }),
  { maxLength: 100 },
);

test('a rate gives and refuses exactly what a token bucket does', () => {
  // Divisors of 1000: the time of one token is a whole number, and no rounding blurs the comparison.
  const perSecond = fc.constantFrom(1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, 1000);
  fc.assert(
    fc.property(perSecond, fc.integer({ min: 1, max: 40 }), steps, (rate, burst, all) => {
      const real = new Rate(rate, burst);
      const model = new Bucket(rate, burst);
      let fullAt = 0;
      let now = 0;
      for (const { wait, count } of all) {
        now += wait;
        const next = real.take(fullAt, count, now);
        expect(next >= 0).toBe(model.take(count, now));
        if (next >= 0) fullAt = next;
      }
    }),
    { numRuns: 500 },
  );
});

test('whatever the rate, no stretch of time sees more than its burst and what came back meanwhile', () => {
  const perSecond = fc.double({ min: 0.1, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(perSecond, fc.integer({ min: 1, max: 40 }), steps, (rate, burst, all) => {
      const real = new Rate(rate, burst);
      const taken: { at: number; count: number }[] = [];
      let fullAt = 0;
      let now = 12_345.678;
      for (const { wait, count } of all) {
        now += wait / 7;
        const next = real.take(fullAt, count, now);
        if (next < 0) continue;
        fullAt = next;
        taken.push({ at: now, count });
      }
      for (let first = 0; first < taken.length; first++) {
        let sum = 0;
        for (const { at, count } of taken.slice(first)) {
          sum += count;
          expect(sum).toBeLessThanOrEqual(burst + ((at - taken[first]!.at) * rate) / 1000 + 1e-5);
        }
      }
    }),
  );
});

test('a full bucket gives all of its burst and no more, whatever the rate and the time', () => {
  const perSecond = fc.double({ min: 0.001, max: 5_000, noNaN: true });
  const time = fc.double({ min: 0, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(perSecond, fc.integer({ min: 1, max: 40 }), time, (perSecond, burst, now) => {
      const rate = new Rate(perSecond, burst);
      let fullAt = 0;
      for (let taken = 0; taken < burst; taken++) {
        fullAt = rate.take(fullAt, 1, now);
        expect(fullAt).toBeGreaterThanOrEqual(0);
      }
      expect(rate.take(fullAt, 1, now)).toBe(-1);
    }),
    { numRuns: 1_000 },
  );
});

test('a rate or burst of 0 means no limit', () => {
  for (const rate of [new Rate(0, 10), new Rate(10, 0), new Rate(0, 0)]) {
    let fullAt = 0;
    for (let i = 0; i < 1_000; i++) {
      fullAt = rate.take(fullAt, 1_000_000, 5);
      expect(fullAt).toBeGreaterThanOrEqual(0);
    }
  }
});

test('a refusal takes nothing: the next smaller one passes', () => {
  const rate = new Rate(1, 10);
  const fullAt = rate.take(0, 8, 1_000);
  expect(rate.take(fullAt, 3, 1_000)).toBe(-1);
  expect(rate.take(fullAt, 2, 1_000)).toBeGreaterThan(0);
});
