import { buildExample } from '../../scripts/serve-example.ts';
import { has } from '../helper.ts';

/** Builds the example, once for a whole run. */
export default function setup(): void {
  if (has('example')) buildExample();
}
