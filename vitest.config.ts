import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two cores: more workers would only take them from the servers and browsers under test.
    maxWorkers: 2,
    reporters: ['default', './test/reporter.ts'],
  },
});
