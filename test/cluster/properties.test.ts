import fc from 'fast-check';
import { test } from 'vitest';
import { check } from '../domain/history.ts';
import { build, describeWith, until } from '../helper.ts';
import { World } from '../world.ts';
import { startRedis } from './redis-server.ts';

/** What one peer does in one moment; all peers do it at the same time. */
const act = fc.constantFrom('join', 'join', 'leave', 'cut', 'talk', 'talk', 'rest');
const moment = fc.array(act, { minLength: 8, maxLength: 8 });

describeWith('redis', 'three instances over Redis', () => {
  test('whoever is where: each pair meets exactly once, all rosters agree, nothing is lost or out of order', async () => {
    const redis = await startRedis();
    const env = { REDIS_URL: redis.url, JOIN_RATE: '0', MESSAGE_RATE: '0' };
    const servers = [await build(env), await build(env), await build(env)];
    await until(() => servers.every(({ app }) => app.cluster.members.length === 3));
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 6 }), async (moments) => {
        const world = new World(servers);
        try {
          for (const acts of moments) await world.run(acts);
          check(world.all, true);
          world.checkOutcomes();
          await world.run(Array(8).fill('cut'));
        } finally {
          for (const { socket } of world.all) socket.ws.terminate();
        }
        await until(() => servers.every(({ app }) => [...app.rooms.places].length === 0));
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
