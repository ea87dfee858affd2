import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

const Health = Type.Object({ status: Type.String(), time: Type.String({ format: 'date-time' }) });

/** Whether a load balancer should send anybody here: only a drain says no. */
export default async function health(fastify: FastifyInstance) {
  fastify.get('/health', { schema: { response: { 200: Health, 503: Health } } }, async (_request, reply) => {
    const { draining } = fastify.rooms;
    reply.code(draining ? 503 : 200);
    return { status: draining ? 'draining' : 'ok', time: new Date().toISOString() };
  });
}
