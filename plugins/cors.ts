import fastifyCors from '@fastify/cors';
import fp from 'fastify-plugin';

/** Lets pages of the allowed origins read the HTTP answers. */
export default fp(
  async function cors(fastify) {
    await fastify.register(fastifyCors, {
      origin: (origin, done) => done(null, origin !== undefined && fastify.config.allowsOrigin(origin)),
      strictPreflight: false,
    });
  },
  { name: 'cors', fastify: '5.x', dependencies: ['config'] },
);
