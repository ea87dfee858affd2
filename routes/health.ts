import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

const Health = Type.Object(
  { status: Type.String({ description: '`ok` or `draining`' }), time: Type.String({ format: 'date-time' }) },
  { description: '200 for yes' },
);

/** Whether a load balancer should send anybody here: only a drain says no. */
export default async function health(fastify: FastifyInstance) {
  const schema = {
    tags: ['operators'],
    summary: 'Whether a load balancer should send anybody here',
    response: { 200: Health, 503: Health },
  };
  fastify.get('/health', { schema }, async (_request, reply) => {
    const { draining } = fastify.rooms;
    reply.code(draining ? 503 : 200);
    return { status: draining ? 'draining' : 'ok', time: new Date().toISOString() };
  });
}
