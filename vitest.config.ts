import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** What must hold over Redis as it does in memory; test/cluster says loudly if there is no Redis to try it with. */
const contract = existsSync('/usr/bin/redis-server')
  ? [
      'test/plain/**/*.test.ts',
      'test/v1/**/*.test.ts',
      'test/auth/re*.test.ts',
      'test/properties-sockets.test.ts',
    ]
  : [];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two cores: more workers would only take them from the servers and browsers under test.
    maxWorkers: 2,
    reporters: ['default', './test/reporter.ts'],
    projects: [
      { extends: true, test: { name: 'memory', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'redis', include: contract, globalSetup: './test/cluster/one-redis.ts' },
      },
    ],
  },
});
