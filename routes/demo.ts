import type { FastifyInstance } from 'fastify';
import { servePage } from './pages.ts';

/** A page to try the server with, built on the library in `client/`; production has none. */
export default async function demo(fastify: FastifyInstance) {
  const { config } = fastify;
  if (config.production) return;
  servePage(fastify, {
    name: 'demo',
    summary: 'A page to try the server with',
    folders: { 'client/': 'client/src' },
    attributes: { 'data-auth': config.auth },
  });
}
