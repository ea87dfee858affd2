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
      {
        extends: true,
        test: {
          name: 'memory',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/example/meeting/**'],
        },
      },
      {
        extends: true,
        // One signaling server at a time: the example is built and started once, and knows one address.
        test: {
          name: 'example',
          include: ['test/example/meeting/*.test.ts'],
          globalSetup: './test/example/build.ts',
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: { name: 'redis', include: contract, globalSetup: './test/cluster/one-redis.ts' },
      },
    ],
  },
});
