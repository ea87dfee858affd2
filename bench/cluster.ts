/*
 * What many instances cost: relays and joins on one instance alone, on one of several, and across two of them;
 * and what Redis sees of each operation, counted from its own INFO. All in one run, on this machine alone:
 * the ratios say more than the figures. About three minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisServer } from '../test/cluster/redis-server.ts';
import { freePort } from '../test/ports.ts';
import { ServerProcess } from '../test/process-helper.ts';
import { costs } from './cluster-costs.ts';
import { type Case, ICE, joins, PAIRS, RATE, relays } from './cluster-relays.ts';

/** All checks stay on but the limits, which the load is meant to exceed. */
const ENV = {
  LOG_LEVEL: 'info',
  JOIN_RATE: '0',
  MESSAGE_RATE: '0',
  BYTE_RATE: '0',
  MAX_PEERS: '0',
  AUTH: 'off',
};

const folder = mkdtempSync(join(tmpdir(), 'record-meet-bench-'));
const redis = await new RedisServer(await freePort()).start();
const start = (env: Record<string, string>) => {
  const all = { ENVIRONMENT: 'test', HOST: '127.0.0.1', PORT: '0', ...ENV, ...env };
  return new ServerProcess(all, folder, join(import.meta.dirname, '..', 'src', 'server.ts')).started();
};
const alone = await start({});
const one = await start({ REDIS_URL: redis.url });
const two = await start({ REDIS_URL: redis.url });
process.on('exit', () => {
  for (const server of [alone, one, two]) server.kill('SIGKILL');
  redis.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
// Bounded, whatever hangs.
setTimeout(() => process.exit(1), 240_000).unref();
const cases: Case[] = [
  ['alone, no Redis', alone.port, alone.port],
  ['both at one of two', one.port, one.port],
  ['one at each of two', one.port, two.port],
];
try {
  while (!(await complete(one.port))) await delay(100);
  const [relay, join] = [await relays(cases), await joins(cases)];
  const operations = await costs(redis.url, one.port, two.port);
  console.log(`\nRelays between pairs, ${PAIRS} at a time, a candidate of ${ICE.length} bytes each way:\n`);
  print(['', 'per second', 'ratio', 'p50 ms', 'p99 ms', `p50 at ${RATE}/s`, 'p99'], relay);
  console.log('\nJoins, 32 at a time, two a room:\n');
  print(['', 'per second', 'ratio'], join);
  console.log('\nRedis, for each operation:\n');
  print(['', 'bytes in', 'bytes out', 'µs', 'calls (those inside scripts too)'], operations);
} finally {
  for (const server of [alone, one, two]) server.kill('SIGKILL');
  await redis.dispose();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function complete(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/stats`);
  const { instances } = (await answer.json()) as { instances: { expected: number; complete: boolean } };
  return instances.expected === 2 && instances.complete;
}

function print(head: string[], rows: string[][]): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  for (const row of all) {
    const cells = row.map((cell, n) =>
      n === 0 || n === head.length - 1 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!),
    );
    console.log(cells.join('  ').trimEnd());
  }
}
