import fastifyEnv from '@fastify/env';
import fp from 'fastify-plugin';
import { type Config, configure } from '../src/config.ts';
import { checkNumbers, explain, given } from '../src/environment.ts';
import { type Settings, settings } from '../src/settings.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** All settings, checked. */
    config: Config;
  }
}

export default fp<{ env: Record<string, string | undefined> }>(
  async function config(fastify, { env }) {
    const data = given(env);
    checkNumbers(data);
    try {
      await fastify.register(fastifyEnv, { confKey: 'settings', schema: settings, data, env: false });
    } catch (error) {
      if (error instanceof Error && 'errors' in error) throw explain(error.errors as never, data);
      throw error;
    }
    fastify.decorate('config', configure(fastify.getEnvs<Settings>()));
  },
  { name: 'config', fastify: '5.x' },
);
