import fp from 'fastify-plugin';
import { startHeartbeat } from '../src/rooms/heartbeat.ts';
import { Rooms } from '../src/rooms/rooms.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The rooms of this instance, and who is in them. */
    rooms: Rooms;
  }
}

export default fp(
  async function rooms(fastify) {
    const { config, gate } = fastify;
    const limits = {
      bufferedBytes: config.MAX_BUFFERED_BYTES,
      peersPerRoom: config.MAX_PEERS_PER_ROOM,
      peers: config.MAX_PEERS,
      messageRate: config.MESSAGE_RATE,
      messageBurst: config.MESSAGE_BURST,
      byteRate: config.BYTE_RATE,
      byteBurst: config.BYTE_BURST,
    };
    const welcome = {
      graceSeconds: config.GRACE_SECONDS,
      heartbeatSeconds: config.HEARTBEAT_SECONDS,
      messageBytes: config.MAX_MESSAGE_BYTES,
      chatHistory: config.CHAT_HISTORY,
      chatTtlSeconds: config.CHAT_HISTORY_TTL_SECONDS,
      callLog: config.CALL_LOG === 'on',
      iceServers: (peer: string) => fastify.iceServersFor(peer),
    };
    const all = new Rooms(limits, fastify.log, fastify.cluster, gate.removals, welcome);
    fastify.decorate('rooms', all);
    const stop = startHeartbeat(all.sessions, config.HEARTBEAT_SECONDS, config.HEARTBEAT_TIMEOUT_SECONDS);
    fastify.addHook('onClose', async () => {
      stop();
      await all.stop();
    });
  },
  { name: 'rooms', fastify: '5.x', dependencies: ['config', 'cluster', 'auth', 'ice'] },
);
