import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { diagnose } from '../src/rooms/diagnosis.ts';
import { forOperators, guard, Refused } from './operator.ts';

const querystring = Type.Object({
  room: Type.Optional(Type.String({ description: 'Only the calls of this room' })),
  limit: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 1000,
    description: 'Calls at most, the latest first',
  }),
});

const ReportSchema = Type.Object({
  event: Type.String(),
  ms: Type.Optional(Type.Number({ description: 'Since this side began, or began anew' })),
  path: Type.Optional(Type.String()),
  candidates: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  reason: Type.Optional(Type.String()),
});

const SideSchema = Type.Object({
  peer: Type.String(),
  offers: Type.Integer(),
  answers: Type.Integer(),
  candidates: Type.Integer(),
  undelivered: Type.Integer({ description: 'Messages that could not be delivered' }),
  report: Type.Optional(ReportSchema),
});

const Calls = Type.Object(
  {
    calls: Type.Array(
      Type.Object({
        room: Type.String(),
        peers: Type.Array(Type.String()),
        startedAt: Type.String({ format: 'date-time' }),
        diagnosis: Type.String({ description: 'What became of it, or what it waits for' }),
        sides: Type.Array(SideSchema),
        timeline: Type.Array(
          Type.Object({
            at: Type.String({ format: 'date-time' }),
            peer: Type.String(),
            event: Type.String(),
            count: Type.Integer({ description: 'How many of these followed each other' }),
            report: Type.Optional(ReportSchema),
          }),
        ),
      }),
    ),
  },
  { description: 'The latest pairs of peers' },
);

/** How calls were set up lately, pair by pair: the answer to "why did my call not connect?". */
export default async function calls(fastify: FastifyInstance) {
  const { config, rooms } = fastify;
  // Without it there is nothing to show; and without a token in production it is nobody's business.
  if (!rooms.calls || (config.production && config.STATS_TOKEN === '')) return;
  const turn = config.turnUrls.length > 0 && config.TURN_SECRET !== '';
  fastify.get<{ Querystring: Static<typeof querystring> }>(
    '/calls',
    {
      schema: {
        ...forOperators,
        summary: 'How calls were set up lately',
        querystring,
        response: { 200: Calls, 401: Refused },
      },
      onRequest: guard(config.STATS_TOKEN),
    },
    async ({ query: { room, limit } }) => {
      const now = Date.now();
      const pairs = await rooms.exchange.calls(room, limit);
      return {
        calls: pairs.map((pair) => ({
          room: pair.room,
          peers: pair.peers,
          startedAt: new Date(pair.startedAt).toISOString(),
          diagnosis: diagnose(pair, turn, now),
          sides: pair.sides.map((side, at) => ({ peer: pair.peers[at], ...side })),
          timeline: pair.steps.map((step) => ({ ...step, at: new Date(step.at).toISOString() })),
        })),
      };
    },
  );
}
