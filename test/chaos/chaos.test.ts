import { expect, test } from 'vitest';
import { describeWith } from '../helper.ts';
import { chaos } from './chaos.ts';

/** Each with other faults; by hand, `npm run chaos` takes longer ones. */
const RUNS = [
  { seed: 6, seconds: 20 },
  { seed: 8, seconds: 15 },
];

describeWith('redis', 'three instances over Redis, while one fault follows the other', () => {
  for (const { seed, seconds } of RUNS) {
    test(`all that is promised holds (seed ${seed})`, async () => {
      const lines: string[] = [];
      const { faults, checked, violations } = await chaos(seed, seconds * 1000, (line) => lines.push(line));
      expect(violations, lines.join('\n')).toEqual([]);
      expect(faults.length).toBeGreaterThan(2);
      expect(checked['signals delivered']).toBeGreaterThan(0);
      expect(checked['chats delivered']).toBeGreaterThan(0);
      console.log(`seed ${seed}: ${faults.join('; ')}\nchecked: ${JSON.stringify(checked)}`);
    });
  }
});
