import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedIds } from '../../src/rooms/sorted-ids.ts';

/** The same as a sorted array, which compares strings by their UTF-16 code units. */
class Model {
  readonly ids: string[] = [];

  add(id: string): void {
    this.ids.push(id);
    this.ids.sort();
  }

  remove(id: string): void {
    this.ids.splice(this.ids.indexOf(id), 1);
  }

  page(after: string | undefined, limit: number): string[] {
    return this.ids.filter((id) => after === undefined || id > after).slice(0, limit);
  }
}

const id = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uffff', '😀', '\ud800'), minLength: 1, maxLength: 4 }),
  fc.constantFrom('__proto__', 'constructor', '10', '9'),
);

test('ids are added, removed and read in pages as in a sorted array', () => {
  const step = fc.record({
    id,
    after: fc.option(id, { nil: undefined }),
    limit: fc.constantFrom(0, 1, 2, 5, 1000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const real = new SortedIds();
      const model = new Model();
      for (const { id, after, limit } of steps) {
        // Whoever is in goes out and the other way round: neither is done twice, as with rooms.
        const action = model.ids.includes(id) ? 'remove' : 'add';
        real[action](id);
        model[action](id);
        expect(real.page(after, limit)).toEqual(model.page(after, limit));
      }
      expect(real.page(undefined, Number.POSITIVE_INFINITY)).toEqual(model.ids);
    }),
    { numRuns: 300 },
  );
});

test('thousands of ids in any order, over many chunks, and down to none again', () => {
  const many = fc.uniqueArray(fc.nat(100_000), { minLength: 2_000, maxLength: 4_000, size: 'max' });
  fc.assert(
    fc.property(many, fc.nat(700), fc.boolean(), (numbers, extra, ascending) => {
      const ids = numbers.map((each) => `room-${each}`);
      if (ascending) ids.sort();
      const real = new SortedIds();
      for (const id of ids) real.add(id);
      const sorted = ids.toSorted();
      expect(real.page(undefined, ids.length + 1)).toEqual(sorted);
      for (const id of [sorted[0]!, sorted[511]!, sorted[512]!, sorted.at(-1)!, 'room-5x', '', '~']) {
        const after = sorted.filter((each) => each > id).slice(0, extra);
        expect(real.page(id, extra)).toEqual(after);
      }
      const gone = ids.splice(0, ids.length - 3);
      for (const id of gone) real.remove(id);
      expect(real.page(undefined, 10)).toEqual(ids.toSorted());
      for (const id of ids) real.remove(id);
      expect(real.page(undefined, 10)).toEqual([]);
      real.add('again');
      expect(real.page('a', 10)).toEqual(['again']);
    }),
    { numRuns: 8 },
  );
});

test('reading page after page gives every id once, whatever the length of a page', () => {
  const real = new SortedIds();
  const ids = Array.from({ length: 1_500 }, (_, i) => `r${(i * 7_919) % 1_500}`);
  for (const id of ids) real.add(id);
  for (const limit of [1, 7, 256, 512, 1_499, 1_500, 1_501]) {
    const all: string[] = [];
    for (;;) {
      const page = real.page(all.at(-1), limit);
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(limit);
      all.push(...page);
    }
    expect(all).toEqual(ids.toSorted());
  }
});
