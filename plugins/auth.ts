import fp from 'fastify-plugin';
import { Gate } from '../src/auth/gate.ts';
import { hmacKey } from '../src/auth/room-tokens.ts';
import { Seats } from '../src/auth/seats.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Checks room tokens and seats. */
    gate: Gate;
  }
}

export default fp(
  async function auth(fastify) {
    const { config } = fastify;
    if (config.insecureSecret) {
      fastify.log.warn('JWT_SECRET is insecure, as everybody can read it: set one of your own');
    }
    const [key, seats] = await Promise.all([hmacKey(config.JWT_SECRET), Seats.of(config.JWT_SECRET)]);
    fastify.decorate('gate', new Gate(config.auth, key, seats, fastify.cluster));
  },
  { name: 'auth', fastify: '5.x', dependencies: ['config', 'cluster'] },
);
