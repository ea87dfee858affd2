import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { ClusterDown } from '../src/cluster/cluster.ts';
import { findData } from '../src/protocol/find-data.ts';
import { dismiss } from '../src/rooms/dismiss.ts';
import { guard, Refused } from './operator.ts';

/** The longest announcement where `MAX_MESSAGE_BYTES` sets no limit, bytes. */
const MOST = 1_048_576;

const InRoom = Type.Object({ room: Type.String() });
const OfPeer = Type.Object({ room: Type.String(), peerId: Type.String() });
const Peers = Type.Object(
  {
    peers: Type.Array(
      Type.Object({
        id: Type.String(),
        session: Type.String(),
        dialect: Type.String(),
        status: Type.String({
          description: '`here`, or `away`: it has lost its connection and may come back',
        }),
        state: Type.Unknown({ description: 'As the peer shows it to the others' }),
        instance: Type.String({ description: 'The instance that answers for it' }),
      }),
    ),
  },
  { description: 'Who is there, in order of joining' },
);
const Count = Type.Object({ peers: Type.Integer() }, { description: 'How many it concerns' });
const Announcement = Type.Object({ data: Type.Unknown({ description: 'What the peers get, as it is' }) });
const Nothing = Type.Null({ description: 'Done' });
const forAdmin = { tags: ['admin'], security: [{ adminToken: [] }] };
const refusals = { 401: Refused, 404: Refused, 503: Refused };

/** An operator steps in: who is in a room, out with them, and a word to all. Without `ADMIN_TOKEN` nobody may. */
export default async function admin(fastify: FastifyInstance) {
  const { config, rooms } = fastify;
  if (config.ADMIN_TOKEN === '') return;
  const { exchange } = rooms;
  const onRequest = guard(config.ADMIN_TOKEN, 'ADMIN_TOKEN');

  fastify.get<{ Params: Static<typeof InRoom> }>(
    '/admin/rooms/:room/peers',
    {
      onRequest,
      schema: {
        ...forAdmin,
        summary: 'Who is in a room',
        params: InRoom,
        response: { ...refusals, 200: Peers },
      },
    },
    async ({ params: { room } }) => {
      const members = await membersOf(room);
      return {
        peers: members.map(({ id, session, dialect, away, state, instance }) => {
          return {
            id,
            session,
            dialect,
            status: away === 0 ? 'here' : 'away',
            state: JSON.parse(state),
            instance,
          };
        }),
      };
    },
  );

  fastify.delete<{ Params: Static<typeof OfPeer> }>(
    '/admin/rooms/:room/peers/:peerId',
    {
      onRequest,
      schema: {
        ...forAdmin,
        summary: 'Removes a peer',
        params: OfPeer,
        response: { ...refusals, 204: Nothing },
      },
    },
    async ({ params: { room, peerId } }, reply) => {
      const peer = (await membersOf(room)).find(({ id }) => id === peerId);
      if (!peer) throw problem(404, 'This peer is not in the room.');
      await dismiss(rooms, room, peer);
      fastify.log.info({ room, peer: peerId }, 'peer removed by the operator');
      return reply.code(204).send();
    },
  );

  fastify.delete<{ Params: Static<typeof InRoom> }>(
    '/admin/rooms/:room',
    {
      onRequest,
      schema: {
        ...forAdmin,
        summary: 'Removes all peers of a room',
        params: InRoom,
        response: { ...refusals, 200: Count },
      },
    },
    async ({ params: { room } }) => {
      const members = await membersOf(room);
      const told = await Promise.allSettled(members.map((peer) => dismiss(rooms, room, peer)));
      for (const one of told) if (one.status === 'rejected') throw one.reason;
      fastify.log.info({ room, peers: members.length }, 'room closed by the operator');
      return { peers: members.length };
    },
  );

  fastify.post<{ Params: Static<typeof InRoom>; Body: { data: string } }>(
    '/admin/rooms/:room/announcement',
    {
      onRequest,
      bodyLimit: config.MAX_MESSAGE_BYTES || MOST,
      schema: {
        ...forAdmin,
        summary: 'Tells all peers of a room something',
        params: InRoom,
        body: Announcement,
        response: { ...refusals, 200: Count },
      },
    },
    async ({ params: { room }, body: { data } }) => {
      const members = await membersOf(room);
      await exchange.announce(room, members, data);
      return { peers: members.filter(({ away }) => away === 0).length };
    },
  );

  async function membersOf(room: string) {
    const members = await exchange.members(room);
    if (members.length === 0) throw problem(404, 'Nobody is in this room.');
    return members;
  }

  /** Of a body `data` stays the JSON text that came: a parsed 1e400 could not be written again. */
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.toString());
    } catch {
      return done(problem(400, 'The body is not valid JSON.'));
    }
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    if (!isObject || !Object.hasOwn(parsed as object, 'data')) return done(null, isObject ? {} : parsed);
    const { start, end } = findData(body);
    done(null, { data: body.toString('utf8', start, end) });
  });

  fastify.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof ClusterDown)
      return reply.code(503).send({
        error: 'Service Unavailable',
        message: 'Another instance can not be reached; what was asked for may be done in part.',
      });
    if (error.statusCode !== 404) throw error;
    return reply.code(404).send({ error: 'Not Found', message: error.message });
  });
}

function problem(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}
