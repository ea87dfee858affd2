import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

const Ready = Type.Object(
  {
    status: Type.String({ description: '`ok` or `unavailable`' }),
    checks: Type.Object({
      redis: Type.String({ description: '`ok`, `down`, or `off`: it is not used' }),
      draining: Type.Boolean(),
    }),
  },
  { description: '200 for yes' },
);

/** What the state of the cluster says of Redis. */
const REDIS = { off: 'off', up: 'ok', down: 'down' } as const;

/** Whether everything that this instance leans on is there. */
export default async function ready(fastify: FastifyInstance) {
  const schema = {
    tags: ['operators'],
    summary: 'Whether all that it leans on is there',
    response: { 200: Ready, 503: Ready },
  };
  fastify.get('/ready', { schema }, async (_request, reply) => {
    const { draining } = fastify.rooms;
    const redis = REDIS[fastify.cluster.state];
    const ok = !draining && redis !== 'down';
    reply.code(ok ? 200 : 503);
    return { status: ok ? 'ok' : 'unavailable', checks: { redis, draining } };
  });
}
