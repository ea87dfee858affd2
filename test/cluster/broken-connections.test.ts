import { expect, test } from 'vitest';
import { describeWith } from '../helper.ts';
import { instances } from './instances.ts';
import { startRedis } from './redis-server.ts';
import { cutting, storm } from './storm.ts';

describeWith('redis', 'connections to Redis that are cut again and again', () => {
  test('3,000 messages across instances arrive once each, in order', async () => {
    const redis = await startRedis();
    const servers = await instances(redis.url);
    expect(await cutting([redis], () => storm(servers, 'r'))).toBeGreaterThan(10);
  });
});
