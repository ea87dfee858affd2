import { test } from 'vitest';
import { describeWith } from '../helper.ts';
import { instances } from './instances.ts';
import { agreeWithModel } from './model.ts';
import { startRedis } from './redis-server.ts';

describeWith('redis', 'three instances over Redis', () => {
  test('whoever is where: each pair meets exactly once, all rosters agree, nothing is lost or out of order', async () => {
    await agreeWithModel(await instances((await startRedis()).url), 25);
  });
});
