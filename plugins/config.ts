import fastifyEnv from '@fastify/env';
import fp from 'fastify-plugin';
import {
  type Config,
  checkNumbers,
  configure,
  explain,
  given,
  type Settings,
  settings,
} from '../src/config.ts';

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
