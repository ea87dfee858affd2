import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('joins, leaves and mixed load leave the memory where it was', async () => {
  const script = join(import.meta.dirname, '../bench/soak.ts');
  const env = { PATH: process.env.PATH, SOAK_JOINS: '1500', SOAK_SECONDS: '4' };
  // It fails, and the test with it, if memory grew.
  const { stdout } = await run(process.execPath, [script], { env });
  expect(stdout).toMatch(/1500 joins and leaves: [+-]\d+ KiB/);
  expect(stdout).toMatch(/4 s of mixed load/);
});
