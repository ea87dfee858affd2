import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { CloseCode, closeReason } from '../src/protocol/codes.ts';
import { isPeerId, isRoomId } from '../src/protocol/ids.ts';
import { AddressRate } from '../src/rooms/address-rate.ts';
import type { Permit } from '../src/rooms/permit.ts';
import { Rate } from '../src/rooms/rate.ts';
import { codeOf, WsConnection } from './ws-connection.ts';

interface Route {
  Params: { room: string; peerId: string };
  Querystring: { token?: string | string[] };
}

/** The signaling socket of one peer in one room. */
export default async function signaling(fastify: FastifyInstance) {
  const { config, gate, rooms } = fastify;
  const joins = new AddressRate(new Rate(config.JOIN_RATE, config.JOIN_BURST));

  /** Refuses before the handshake what costs least that way. A plain GET goes on to its 426. */
  function beforeHandshake(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    if (!request.ws) return done();
    const { origin } = request.headers;
    if (origin !== undefined && !config.allowsOrigin(origin)) {
      const message = `Pages of ${JSON.stringify(origin)} may not connect here.`;
      reply.code(403).send({ error: 'Forbidden', message });
      return;
    }
    if (!joins.take(request.ip, performance.now())) {
      const message = 'Too many joins from this address; wait a little.';
      reply.code(429).header('Retry-After', '1').send({ error: 'Too Many Requests', message });
      return;
    }
    // The socket would keep the response, and that the request, alive as long as itself.
    reply.raw.detachSocket(request.raw.socket);
    done();
  }

  fastify.route<Route>({
    method: 'GET',
    url: '/ws/:room/:peerId',
    config: { socket: true },
    exposeHeadRoute: false,
    onRequest: beforeHandshake,
    handler: (_request, reply) => {
      const message = 'This is a WebSocket endpoint.';
      return reply.code(426).header('Upgrade', 'websocket').send({ error: 'Upgrade Required', message });
    },
    wsHandler: (socket, request) => {
      const token = tokenOf(request);
      const { room, peerId } = request.params;
      const permit = gate.looksAt(token) ? () => gate.checkFor(room, peerId, token, request.ip) : undefined;
      connect(socket, new WsConnection(socket, request.raw.socket), request.params, permit);
    },
  });

  /** Attaches every listener before it returns: a frame may have come with the handshake already. */
  function connect(
    socket: WebSocket,
    connection: WsConnection,
    params: Route['Params'],
    permit?: () => Promise<Permit>,
  ): void {
    // The library's own listener would keep the request alive as long as the socket.
    socket.removeAllListeners('error');
    if (!isRoomId(params.room) || !isPeerId(params.peerId)) {
      socket.on('error', () => {});
      return connection.close(CloseCode.InvalidId, closeReason[CloseCode.InvalidId]);
    }
    const session = rooms.open(connection, params.room, params.peerId, permit);
    socket.on('error', (error) => session.ended(codeOf(error)));
    socket.on('close', (code) => session.ended(code));
    socket.on('pong', () => session.pong());
    socket.on('ping', (data) => session.ping(data));
    socket.on('message', (data, isBinary) => {
      try {
        if (isBinary) session.close(CloseCode.UnsupportedData);
        else session.receive(data as Buffer);
      } catch (error) {
        session.fail(error);
      }
    });
  }
}

/** The room token: a subprotocol entry, as that stands in no URL, or `?token=` of those who offer none. */
function tokenOf(request: FastifyRequest<Route>): string | undefined {
  const entries = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((entry) => entry.trim());
  const offered = entries.find((entry) => entry.startsWith('token.'))?.slice('token.'.length);
  const { token } = request.query;
  return offered || (Array.isArray(token) ? token[0] : token) || undefined;
}
