import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { forOperators, guard, Refused } from './operator.ts';

/** Figures for Prometheus, in its text format. */
export default async function metrics(fastify: FastifyInstance) {
  const { config, metrics } = fastify;
  const response = {
    200: {
      description: 'Its text format, version 0.0.4',
      content: { 'text/plain': { schema: Type.String() } },
    },
    401: Refused,
  };
  const schema = { ...forOperators, summary: 'Figures for Prometheus', response };
  fastify.get('/metrics', { schema, onRequest: guard(config.STATS_TOKEN) }, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });
}
