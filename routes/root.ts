import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import about from '../package.json' with { type: 'json' };

const response = {
  200: Type.Object({
    name: Type.String(),
    version: Type.String(),
    endpoints: Type.Record(Type.String(), Type.String()),
  }),
};

const answer = {
  name: about.name,
  version: about.version,
  endpoints: {
    health: 'GET /health',
    ready: 'GET /ready',
    stats: 'GET /stats',
    calls: 'GET /calls',
    metrics: 'GET /metrics',
    iceServers: 'GET /ice-servers',
    signaling: 'WS /ws/:room/:peerId',
  },
};

/** What this server is, and where to go on. */
export default async function root(fastify: FastifyInstance) {
  fastify.get('/', { schema: { response } }, async () => {
    if (!fastify.hasRoute({ method: 'GET', url: '/demo' })) return answer;
    return { ...answer, endpoints: { ...answer.endpoints, demo: 'GET /demo' } };
  });
}
