import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { servePage } from './pages.ts';

const require = createRequire(import.meta.url);

/** A page that shows what `/stats`, `/metrics`, `/calls` and `/ready` say. It holds no figures itself. */
export default async function dashboard(fastify: FastifyInstance) {
  const { config, rooms } = fastify;
  // Without a token in production it would have nothing to show.
  if (config.production && config.STATS_TOKEN === '') return;
  servePage(fastify, {
    name: 'dashboard',
    summary: 'A page with charts of all this, and the rooms and their calls',
    files: {
      'uplot.js': require.resolve('uplot/dist/uPlot.esm.js'),
      'uplot.css': require.resolve('uplot/dist/uPlot.min.css'),
    },
    attributes: {
      'data-guarded': config.STATS_TOKEN === '' ? 'no' : 'yes',
      'data-calls': rooms.calls ? 'on' : 'off',
    },
  });
}
