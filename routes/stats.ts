import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { ClusterDown } from '../src/cluster/cluster.ts';
import type { Rooms } from '../src/rooms/rooms.ts';
import { forOperators, guard, Refused } from './operator.ts';

const querystring = Type.Object({
  limit: Type.Integer({ default: 1000, minimum: 0, maximum: 10_000, description: 'Rooms of one page' }),
  after: Type.Optional(Type.String({ description: 'The last room id of the page before' })),
  room: Type.Optional(Type.String({ description: 'A room whose peers are wanted' })),
});

const Stats = Type.Object(
  {
    roomCount: Type.Integer(),
    totalPeers: Type.Integer(),
    away: Type.Integer({ description: 'Of the peers, those that lost their connection and may come back' }),
    rooms: Type.Optional(
      Type.Array(
        Type.Object({
          id: Type.String(),
          peerCount: Type.Integer(),
          createdAt: Type.String({ format: 'date-time' }),
        }),
      ),
    ),
    peers: Type.Optional(
      Type.Array(
        Type.Object({
          id: Type.String(),
          dialect: Type.String({ description: '`v1` or `plain`' }),
          status: Type.String({ description: '`here` or `away`' }),
          instance: Type.String({ description: 'The instance that answers for it' }),
        }),
        { description: 'Of the room that was asked for, in order of joining' },
      ),
    ),
    asOf: Type.String({ format: 'date-time' }),
    scope: Type.String(),
    instances: Type.Object({
      heard: Type.Integer(),
      expected: Type.Integer(),
      complete: Type.Boolean(),
    }),
  },
  { description: 'The counts, a page of the rooms, and the peers of one' },
);

/** How many rooms and peers there are, the rooms in pages, ordered by id, and who is in one of them. */
export default async function stats(fastify: FastifyInstance) {
  const { config, rooms } = fastify;
  // A room's id is the key to it, so in production nobody sees the list without a token.
  const listed = !config.production || config.STATS_TOKEN !== '';
  fastify.get<{ Querystring: Static<typeof querystring> }>(
    '/stats',
    {
      schema: {
        ...forOperators,
        summary: 'How many rooms and peers there are',
        querystring,
        response: { 200: Stats, 401: Refused },
      },
      onRequest: guard(config.STATS_TOKEN),
    },
    async (request) => {
      const { limit, after, room } = request.query;
      const { rooms: page, ...counts } = await rooms.exchange.stats(after, listed ? limit : 0);
      return {
        ...counts,
        ...(listed ? { rooms: page } : {}),
        ...(listed && room !== undefined ? { peers: await peersOf(rooms, room) } : {}),
        asOf: new Date().toISOString(),
      };
    },
  );
}

/** While the others can't be asked, what this instance has, as with the counts. */
async function peersOf({ exchange }: Rooms, room: string) {
  const members = await exchange.members(room).catch((error: unknown) => {
    if (error instanceof ClusterDown) return [];
    throw error;
  });
  return members.map(({ id, dialect, away, instance }) => {
    return { id, dialect, status: away === 0 ? 'here' : 'away', instance };
  });
}
