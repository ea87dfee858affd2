import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

const SEED = Number(process.env.SIM_SEED ?? 0);
const RUNS = Number(process.env.SIM_RUNS ?? (SEED ? 1 : 1200));

test(
  'whatever fails, each signal and chat arrives once and in order, and the rosters agree in the end',
  async () => {
    for (let seed = SEED || 1, run = 0; run < RUNS; run++, seed++) {
      const { wrong, plan } = await simulate(seed);
      expect(wrong, `replay with SIM_SEED=${seed}: ${JSON.stringify(plan)}`).toEqual([]);
      // The runner's own timers get their turn.
      if (run % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  },
  // About 10 ms a run; a machine that is busy with others takes its time.
  60_000 + RUNS * 300,
);
