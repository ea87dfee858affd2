import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { RawData, WebSocket } from 'ws';
import type { Brought } from '../src/auth/gate.ts';
import { CloseCode, closeReason } from '../src/protocol/codes.ts';
import { isPeerId, isRoomId } from '../src/protocol/ids.ts';
import { SUBPROTOCOL } from '../src/protocol/messages.ts';
import { AddressRate } from '../src/rooms/address-rate.ts';
import type { Arrival } from '../src/rooms/peer.ts';
import { Rate } from '../src/rooms/rate.ts';
import type { Session } from '../src/rooms/session.ts';
import { takeTextFrames } from './fast-frames.ts';
import { maybe, Refused } from './operator.ts';
import { corkUntilTickEnds } from './tick-cork.ts';
import { codeOf, WsConnection } from './ws-connection.ts';

/** The longest name of a chat log that any instance gives, and a little more. */
const LONGEST_LOG = 64;

interface Route {
  Params: { room: string; peerId: string };
  Querystring: Record<string, string | string[] | undefined>;
}

const schema = {
  tags: ['clients'],
  summary: 'The signaling socket of one peer',
  description: 'A WebSocket (RFC 6455). What passes over it is in `docs/asyncapi.yaml`.',
  security: maybe('roomToken'),
  params: Type.Object({
    room: Type.String({ description: 'The room: 1 to 128 code points, no control characters' }),
    peerId: Type.String({ description: 'The peer: the same, and not `server`' }),
  }),
  querystring: Type.Object({
    token: Type.Optional(Type.String({ description: 'A room token, where no subprotocol brings it' })),
    since: Type.Optional(Type.Integer({ description: 'v1: the last chat `seq` seen' })),
    log: Type.Optional(Type.String({ description: 'v1: the `chatLog` in which that was' })),
  }),
  response: {
    101: { description: 'The socket is open' },
    403: Refused,
    426: Refused,
    429: Refused,
  },
};

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
      rooms.tally.joinsLimited++;
      const message = 'Too many joins from this address; wait a little.';
      reply.code(429).header('Retry-After', '1').send({ error: 'Too Many Requests', message });
      return;
    }
    // The socket would keep the response, and that the request, alive as long as itself.
    reply.raw.detachSocket(request.raw.socket);
    // So that the answer to the handshake and the first `peers` go out together.
    corkUntilTickEnds(request.raw.socket);
    done();
  }

  fastify.route<Route>({
    method: 'GET',
    url: '/ws/:room/:peerId',
    config: { socket: true },
    exposeHeadRoute: false,
    schema,
    // For the API page alone: what is wrong is told by a close code, which a browser can read.
    validatorCompiler: () => () => true,
    onRequest: beforeHandshake,
    handler: (_request, reply) => {
      const message = 'This is a WebSocket endpoint.';
      return reply.code(426).header('Upgrade', 'websocket').send({ error: 'Upgrade Required', message });
    },
    wsHandler: (socket, request) => {
      const { room, peerId } = request.params;
      const admission = gate.admission(room, peerId, broughtBy(request));
      connect(socket, request.raw.socket, request.params, admission);
    },
  });

  /** Attaches every listener before it returns: a frame may have come with the handshake already. */
  function connect(
    socket: WebSocket,
    transport: Socket,
    params: Route['Params'],
    admission?: () => Promise<Arrival>,
  ): void {
    const connection = new WsConnection(socket, transport);
    // The library's own listener would keep the request alive as long as the socket.
    socket.removeAllListeners('error');
    if (!isRoomId(params.room) || !isPeerId(params.peerId)) {
      socket.on('error', () => {});
      rooms.refuse(params.room, params.peerId, CloseCode.InvalidId);
      return connection.close(CloseCode.InvalidId, closeReason[CloseCode.InvalidId]);
    }
    const session = rooms.open(connection, params.room, params.peerId, admission);
    Object.assign(socket, { session });
    socket
      .on('error', failed)
      .on('close', closed)
      .on('pong', ponged)
      .on('ping', pinged)
      .on('message', received);
    takeTextFrames(transport, config.MAX_MESSAGE_BYTES, session);
  }
}

/** A socket that knows who speaks over it: so all of them share their listeners, a few hundred bytes of each. */
interface Spoken extends WebSocket {
  session: Session;
}

const sessionOf = (socket: WebSocket): Session => (socket as Spoken).session;

function failed(this: WebSocket, error: Error): void {
  sessionOf(this).ended(codeOf(error));
}

function closed(this: WebSocket, code: number): void {
  sessionOf(this).ended(code);
}

function ponged(this: WebSocket, data: Buffer): void {
  sessionOf(this).pong(data.toString());
}

function pinged(this: WebSocket, data: Buffer): void {
  sessionOf(this).ping(data);
}

function received(this: WebSocket, data: RawData, isBinary: boolean): void {
  sessionOf(this).receive(data as Buffer, isBinary);
}

/**
 * The dialect, and what proves who the newcomer is. Tokens and seats are subprotocol entries, as those stand
 * in no URL; who offers none has `?token=`.
 */
function broughtBy(request: FastifyRequest<Route>): Brought {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((entry) => entry.trim());
  const entry = (prefix: string) => offered.find((one) => one.startsWith(prefix))?.slice(prefix.length);
  const query = (name: string) => {
    const value = request.query[name];
    return (Array.isArray(value) ? value[0] : value) || undefined;
  };
  const since = query('since');
  return {
    dialect: offered.includes(SUBPROTOCOL) ? 'v1' : 'plain',
    token: entry('token.') || query('token'),
    seat: entry('seat.'),
    since: since !== undefined && /^\d{1,15}$/.test(since) ? Number(since) : undefined,
    chatLog: query('log')?.slice(0, LONGEST_LOG),
    address: request.ip,
  };
}
