import type { Socket } from 'node:net';
import fastifyWebsocket from '@fastify/websocket';
import fp from 'fastify-plugin';
import { CloseCode, closeReason } from '../src/protocol/codes.ts';
import { SUBPROTOCOL } from '../src/protocol/messages.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes WebSocket upgrades. */
    socket?: true;
  }
}

/** How long a client has to answer a close frame, ms. */
const CLOSE_TIMEOUT = 5_000;

/** When the server stops, its last sockets have this long for theirs, ms. */
const LAST_WORDS = 600;

/** WebSocket upgrades (RFC 6455), on the routes that say so and nowhere else. */
export default fp(
  async function websocket(fastify) {
    const { MAX_MESSAGE_BYTES, MAX_FRAGMENTS } = fastify.config;
    const options = {
      perMessageDeflate: false,
      autoPong: false, // the session answers, within the peer's rate
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_FRAGMENTS,
      closeTimeout: CLOSE_TIMEOUT,
      // Of what is offered only this is a protocol: the rest are tokens, which no answer may repeat.
      handleProtocols: (offered: Set<string>) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    };
    await fastify.register(fastifyWebsocket, {
      options,
      errorHandler(error, socket) {
        fastify.log.error({ err: error }, 'socket handler failed');
        socket.close(CloseCode.InternalError, closeReason[CloseCode.InternalError]);
      },
      // Cut at once, a socket with unread input would be reset, and its close frame lost with it.
      preClose(done) {
        const { clients } = fastify.websocketServer;
        // Who still comes gets a 503 from Fastify, and nobody else ends that socket: the server would wait for it.
        fastify.server.on('upgrade', (_request, socket: Socket) => socket.destroySoon());
        const cut = setTimeout(() => {
          for (const socket of clients) socket.terminate();
        }, LAST_WORDS);
        for (const socket of clients) socket.close(CloseCode.Restart, closeReason[CloseCode.Restart]);
        fastify.websocketServer.close(() => {
          clearTimeout(cut);
          done();
        });
      },
    });
    // The library answers an upgrade on any other route with 101 and a close.
    fastify.addHook('onRequest', (request, reply, done) => {
      if (request.ws && !request.is404 && !request.routeOptions.config.socket) return reply.callNotFound();
      done();
    });
  },
  { name: 'websocket', fastify: '5.x', dependencies: ['config'] },
);
