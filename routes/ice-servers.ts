import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { bearer } from '../src/auth/bearer.ts';
import { Refusal } from '../src/protocol/refusal.ts';
import { AddressRate } from '../src/rooms/address-rate.ts';
import { Rate } from '../src/rooms/rate.ts';
import { maybe, Refused } from './operator.ts';

const IceServers = Type.Object(
  {
    iceServers: Type.Array(
      Type.Object({
        urls: Type.Array(Type.String()),
        username: Type.Optional(Type.String()),
        credential: Type.Optional(Type.String()),
      }),
    ),
    expiresAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  },
  { description: 'For the configuration of an RTCPeerConnection' },
);

const schema = {
  tags: ['clients'],
  summary: 'STUN and TURN servers for one peer',
  security: maybe('roomToken'),
  response: { 200: IceServers, 401: Refused, 429: Refused },
};

/** The STUN and TURN servers for one peer, with credentials of its own. */
export default async function iceServers(fastify: FastifyInstance) {
  const { config, gate } = fastify;
  const asked = new AddressRate(new Rate(config.JOIN_RATE, config.JOIN_BURST));
  fastify.get('/ice-servers', { schema }, async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if (!asked.take(request.ip, performance.now())) {
      reply.code(429).header('Retry-After', '1');
      return { error: 'Too Many Requests', message: 'Too many requests from this address; wait a little.' };
    }
    const token = bearer(request.headers.authorization);
    if (!gate.looksAt(token)) return fastify.iceServersFor('anonymous');
    try {
      const { peer } = await gate.check(token, request.ip);
      return fastify.iceServersFor(peer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply.code(401).header('WWW-Authenticate', 'Bearer');
      return {
        error: 'Unauthorized',
        message: 'This wants "Authorization: Bearer" with a good room token.',
      };
    }
  });
}
