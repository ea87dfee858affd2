import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest, and so begins first, that nothing long is left for the end: browsers, what waits, and what
 * computes by turns, as several browsers at once are slow, and slow ones cost more.
 */
const FIRST = [
  'example/meeting/people',
  'chaos/chaos',
  'browser/dashboard',
  'cluster/redis-away',
  'client/cluster',
  'browser/demo',
  'cluster/takeover',
  'deploy/dockerfile',
  'example/meeting/devices',
  'cluster/dead-instance',
  'browser/survive-network',
  'cluster/places',
  'soak',
  'example/meeting/talk',
  'cluster/topologies',
  'client/call',
  'process-drain',
  'example/meeting/server',
  'config-refusals',
  'browser/survive-server',
  'plain/incumbent-dead',
  'example/meeting/access',
  'client/simulation',
  'client/tracks',
  'torture/flood',
  'example/meeting/recording',
  'process',
  'browser/call',
  'cluster/webhooks',
  'client/late-call',
  'process-log',
  'fast-frames',
  'example/meeting/token',
  'cluster/admin',
  'routes/slow-headers',
  'torture/half-open',
  'cluster/costs',
  'canary',
  'cluster/joins',
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
