import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    logs: { type: 'string' },
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(seed) || !(minutes > 0)) {
  console.error('usage: npm run chaos -- --minutes 5 --seed 7 [--logs folder]');
  process.exit(2);
}
if (values.logs !== undefined) mkdirSync(values.logs, { recursive: true });
console.log(`seed ${seed}, ${minutes} minutes of faults`);
const { faults, checked, violations } = await chaos(
  seed,
  minutes * 60_000,
  (line) => console.log(line),
  values.logs,
);
console.log(`${faults.length} faults; checked:`);
for (const [what, count] of Object.entries(checked).toSorted())
  console.log(`${String(count).padStart(8)} ${what}`);
for (const text of violations) console.log(`VIOLATED  ${text}`);
console.log(violations.length === 0 ? 'all held' : `${violations.length} did not hold; seed ${seed}`);
process.exit(violations.length === 0 ? 0 : 1);
