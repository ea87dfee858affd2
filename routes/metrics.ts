import type { FastifyInstance } from 'fastify';
import { guard } from './operator.ts';

/** Figures for Prometheus, in its text format. */
export default async function metrics(fastify: FastifyInstance) {
  const { config, metrics } = fastify;
  fastify.get('/metrics', { onRequest: guard(config.STATS_TOKEN) }, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });
}
