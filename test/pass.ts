import { vi } from 'vitest';

/**
 * Lets time pass on a fake clock, and what waits for nothing more come about. Unlike `advanceTimersByTimeAsync`
 * it gives nobody else in this process a turn, so that all timers on the clock are the test's own.
 *
 * @param ms at once: what is to happen in between is looked for by several calls
 */
export async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  for (let n = 0; n < 20; n++) await null;
}
