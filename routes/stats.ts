import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { forOperators, guard, Refused } from './operator.ts';

const querystring = Type.Object({
  limit: Type.Integer({ default: 1000, minimum: 0, maximum: 10_000, description: 'Rooms of one page' }),
  after: Type.Optional(Type.String({ description: 'The last room id of the page before' })),
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
    asOf: Type.String({ format: 'date-time' }),
    scope: Type.String(),
    instances: Type.Object({
      heard: Type.Integer(),
      expected: Type.Integer(),
      complete: Type.Boolean(),
    }),
  },
  { description: 'The counts, and a page of the rooms' },
);

/** How many rooms and peers there are, and the rooms in pages, ordered by id. */
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
      const { limit, after } = request.query;
      const { rooms: page, ...counts } = await rooms.exchange.stats(after, listed ? limit : 0);
      return { ...counts, ...(listed ? { rooms: page } : {}), asOf: new Date().toISOString() };
    },
  );
}
