import { Gauge, type Registry } from 'prom-client';
import type { CanaryResult } from './canary.ts';

/** Registers the figures of canaries; only when there is a result, as before that no value would be true. */
export function canaryGauges(registry: Registry): (result: CanaryResult) => void {
  const registers = [registry];
  const seconds = new Gauge({
    name: 'record_meet_canary_seconds',
    help: 'How long each step of the last canary took; those that failed or were not reached are left out',
    registers,
    labelNames: ['step'],
  });
  const success = new Gauge({
    name: 'record_meet_canary_success',
    help: '1 if the last canary came through, else 0',
    registers,
  });
  return ({ steps, failed }) => {
    seconds.reset();
    for (const one of steps) seconds.set({ step: one.step }, one.seconds);
    success.set(failed ? 0 : 1);
  };
}
