import { expect, test } from 'vitest';
import { testBalancer } from './balancer.ts';
import { checkConf, startHaproxy } from './haproxy.ts';
import { describeWith } from './helper.ts';

describeWith('haproxy', 'deploy/haproxy/haproxy.cfg, in a real HAProxy', () => {
  test('HAProxy has nothing to say against it', async () => {
    expect(await checkConf()).toBe('');
  });

  testBalancer(startHaproxy);
});
