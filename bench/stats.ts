/**
 * How long `/stats` holds up the event loop with 100,000 rooms, for the first, a middle and the last page, and
 * while rooms come and go. Run by run.sh.
 */
import { performance } from 'node:perf_hooks';
import { buildApp } from '../src/app.ts';
import type { Connection } from '../src/rooms/connection.ts';

const ROOMS = 100_000;
const RUNS = 200;

/** A peer's socket that nobody is behind. */
const silent = (): Connection => ({
  ...{ open: true, buffered: 0, received: 0 },
  ...{ send() {}, flush() {}, ping() {}, pong() {}, pause() {}, resume() {}, close() {}, terminate() {} },
});

const app = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'error', MAX_PEERS: '0', PORT: '0' });
const name = (n: number) => `room-${((n * 7919) % ROOMS).toString().padStart(6, '0')}`;
for (let n = 0; n < ROOMS; n++) app.rooms.open(silent(), name(n), 'peer');

/** The longest and the usual time that one request of this kind keeps the loop busy, ms. */
async function held(url: string): Promise<string> {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    await new Promise(setImmediate);
    const before = performance.eventLoopUtilization();
    const { statusCode } = await app.inject(url);
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`);
    times.push(performance.eventLoopUtilization(before).active);
  }
  times.sort((a, b) => a - b);
  return `${times[RUNS / 2]!.toFixed(2)} ms, at most ${times.at(-1)!.toFixed(2)} ms`;
}

console.log(`/stats with ${app.rooms.census.rooms} rooms, time of the event loop for one request:`);
console.log(`  the counts alone     ${await held('/stats?limit=0')}`);
console.log(`  the first page       ${await held('/stats')}`);
console.log(`  a middle page        ${await held(`/stats?after=${name(0).replace('000000', '050000')}`)}`);
console.log(`  ten thousand rooms   ${await held('/stats?limit=10000')}`);
await app.close();
