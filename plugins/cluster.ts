import fp from 'fastify-plugin';
import type { Cluster } from '../src/cluster/cluster.ts';
import { MemoryCluster } from '../src/cluster/memory.ts';
import { MOST_CHAT_BYTES } from '../src/rooms/chat-log.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What joins this instance to the others, if there are any. */
    cluster: Cluster;
  }
}

export default fp(
  async function cluster(fastify) {
    const { redisUrls, REDIS_PREFIX, CHAT_HISTORY, CHAT_HISTORY_TTL_SECONDS } = fastify.config;
    if (redisUrls.length === 0) {
      fastify.decorate('cluster', new MemoryCluster());
      return;
    }
    // Who runs alone need not load it.
    const { RedisCluster } = await import('../src/cluster/redis.ts');
    const options = {
      urls: redisUrls,
      prefix: REDIS_PREFIX,
      chatHistory: CHAT_HISTORY,
      chatBytes: MOST_CHAT_BYTES,
      chatTtlSeconds: CHAT_HISTORY_TTL_SECONDS,
    };
    const redis = new RedisCluster(options, fastify.log);
    fastify.decorate('cluster', redis);
    fastify.addHook('onClose', () => redis.close());
    await redis.connect();
  },
  { name: 'cluster', fastify: '5.x', dependencies: ['config'] },
);
