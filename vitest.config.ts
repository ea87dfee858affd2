import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import Sequencer from './test/sequencer.ts';

/** What must hold over Redis as it does in memory; test/cluster says loudly if there is no Redis to try it with. */
const contract = existsSync('/usr/bin/redis-server')
  ? [
      'test/plain/**/*.test.ts',
      'test/v1/**/*.test.ts',
      'test/auth/remove.test.ts',
      'test/properties-sockets.test.ts',
    ]
  : [];

// Each worker and each server in a process of its own loads the same modules: they need be compiled once only.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

export default defineConfig({
  test: {
    // On a machine with much else to do all takes long, and that is no fault: only what hangs is to end.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    // A file leaves nothing behind in its process: the next one in it finds everything loaded.
    isolate: false,
    // Two for each core: there is always a file that only waits for a time to pass.
    maxWorkers: Math.min(8, 2 * availableParallelism()),
    sequence: { sequencer: Sequencer },
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'memory',
          include: ['test/**/*.test.ts'],
          globalSetup: './test/example/build.ts',
        },
      },
      {
        extends: true,
        test: { name: 'redis', include: contract, globalSetup: './test/cluster/one-redis.ts' },
      },
    ],
  },
});
