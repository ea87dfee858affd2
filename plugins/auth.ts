import fp from 'fastify-plugin';
import { Gate } from '../src/auth/gate.ts';
import { hmacKey } from '../src/auth/room-tokens.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Checks room tokens. */
    gate: Gate;
  }
}

export default fp(
  async function auth(fastify) {
    const { config } = fastify;
    if (config.insecureSecret) {
      fastify.log.warn('JWT_SECRET is insecure, as everybody can read it: set one of your own');
    }
    fastify.decorate('gate', new Gate(config.auth, await hmacKey(config.JWT_SECRET)));
  },
  { name: 'auth', fastify: '5.x', dependencies: ['config'] },
);
