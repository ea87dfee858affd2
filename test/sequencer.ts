import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest, and so begins first, that nothing long is left for the end: what waits for the most part
 * beside what computes.
 */
const FIRST = [
  'chaos/chaos',
  'example/meeting/people',
  'cluster/redis-away',
  'browser/dashboard',
  'cluster/takeover',
  'example/meeting/access',
  'example/meeting/server',
  'cluster/dead-instance',
  'example/meeting/talk',
  'example/meeting/recording',
  'example/meeting/devices',
  'example/meeting/token',
  'cluster/places',
  'deploy/dockerfile',
  'client/cluster',
  'plain/incumbent-dead',
  'browser/demo',
  'soak',
  'torture/flood',
  'browser/survive-network',
  'cluster/topologies',
  'process-drain',
  'routes/slow-headers',
  'client/call',
  'browser/survive-server',
  'torture/half-open',
  'client/tracks',
  'config-refusals',
  'cluster/webhooks',
  'client/simulation',
  'fast-frames',
  'cluster/admin',
  'browser/call',
  'client/late-call',
  'process',
  'process-log',
  'cluster/costs',
].map((name) => `/test/${name}.test.ts`);

/** Begins with what takes longest; then one project after the other, as each has workers of its own. */
export default class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = FIRST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? FIRST.length : at;
    };
    const name = ({ project, moduleId }: TestSpecification) => `${project.name} ${moduleId}`;
    return files.toSorted((a, b) => rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1));
  }
}
