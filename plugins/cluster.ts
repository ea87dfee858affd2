import fp from 'fastify-plugin';
import type { Cluster } from '../src/cluster/cluster.ts';
import { MemoryCluster } from '../src/cluster/memory.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What joins this instance to the others, if there are any. */
    cluster: Cluster;
  }
}

export default fp(
  async function cluster(fastify) {
    const cluster = new MemoryCluster();
    fastify.decorate('cluster', cluster);
    fastify.addHook('onClose', () => cluster.close());
  },
  { name: 'cluster', fastify: '5.x', dependencies: ['config'] },
);
