import type { TestProject } from 'vitest/node';
import { buildExample } from '../../scripts/serve-example.ts';
import { has } from '../helper.ts';

/** Builds the example, once for a whole run, if a test of it is to be run. */
export default function setup({ vitest }: TestProject): void {
  const wanted = vitest.state.getPaths().some((path) => path.includes('/test/example/meeting/'));
  if (wanted && has('example')) buildExample();
}
