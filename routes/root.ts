import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import about from '../package.json' with { type: 'json' };

const response = {
  200: Type.Object(
    { name: Type.String(), version: Type.String(), endpoints: Type.Record(Type.String(), Type.String()) },
    { description: 'Its name, and its endpoints' },
  ),
};

const schema = { tags: ['clients'], summary: 'What this server is, and where to go on', response };

const answer = {
  name: about.name,
  version: about.version,
  endpoints: {
    health: 'GET /health',
    ready: 'GET /ready',
    stats: 'GET /stats',
    calls: 'GET /calls',
    metrics: 'GET /metrics',
    iceServers: 'GET /ice-servers',
    signaling: 'WS /ws/:room/:peerId',
  },
};

/** Those that not every server has. */
const PAGES = ['dashboard', 'demo', 'docs'];

/** What this server is, and where to go on. */
export default async function root(fastify: FastifyInstance) {
  fastify.get('/', { schema }, async () => {
    const pages = PAGES.filter((name) => fastify.hasRoute({ method: 'GET', url: `/${name}` }));
    const more = Object.fromEntries(pages.map((name) => [name, `GET /${name}`]));
    return { ...answer, endpoints: { ...answer.endpoints, ...more } };
  });
}
