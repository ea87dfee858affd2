import fp from 'fastify-plugin';
import { Registry } from 'prom-client';
import { meter } from '../src/metrics.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The figures of this instance. */
    metrics: Registry;
  }
}

export default fp(
  async function metrics(fastify) {
    const registry = new Registry();
    const stop = meter(registry, fastify.rooms);
    fastify.decorate('metrics', registry);
    fastify.addHook('onClose', async () => stop());
  },
  { name: 'metrics', fastify: '5.x', dependencies: ['rooms'] },
);
