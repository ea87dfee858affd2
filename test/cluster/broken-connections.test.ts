import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeWith } from '../helper.ts';
import { admin, instances } from './instances.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { storm } from './storm.ts';

/** Cuts all connections to these, again and again while `work` goes on. @returns how many it were */
async function cutting(servers: RedisServer[], work: () => Promise<unknown>): Promise<number> {
  const commands = await Promise.all(servers.map(admin));
  let going = true;
  let killed = 0;
  const done = work().finally(() => {
    going = false;
  });
  while (going) {
    for (const command of commands) killed += Number(await command('CLIENT', 'KILL', 'TYPE', 'normal'));
    await delay(100);
  }
  await done;
  return killed;
}

describeWith('redis', 'connections to Redis that are cut again and again', () => {
  test('3,000 messages across instances arrive once each, in order', async () => {
    const redis = await startRedis();
    const servers = await instances(redis.url);
    expect(await cutting([redis], () => storm(servers, 'r'))).toBeGreaterThan(20);
  }, 60_000);
});
