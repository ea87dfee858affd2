import type { TestProject } from 'vitest/node';
import { freePort } from '../ports.ts';
import { RedisServer } from './redis-server.ts';

/** One Redis for a whole run; each server in it has keys of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await new RedisServer(await freePort()).start();
  project.provide('redisUrl', redis.url);
  return () => redis.dispose();
}
