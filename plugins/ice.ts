import fp from 'fastify-plugin';
import { type IceAnswer, iceServers } from '../src/ice/ice-servers.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The STUN and TURN servers for one peer, with fresh credentials. */
    iceServersFor(peer: string): IceAnswer;
  }
}

export default fp(
  async function ice(fastify) {
    const { config } = fastify;
    const options = {
      stun: config.stunUrls,
      turn: config.turnUrls,
      secret: config.TURN_SECRET,
      ttlSeconds: config.TURN_TTL_SECONDS,
    };
    if (options.turn.length > 0 && options.secret === '') {
      fastify.log.warn('TURN_SERVER is left out: without TURN_SECRET nobody could use it');
    }
    fastify.decorate('iceServersFor', (peer) => iceServers(options, peer, Date.now()));
  },
  { name: 'ice', fastify: '5.x', dependencies: ['config'] },
);
