import { expect, test } from 'vitest';
import { testBalancer } from './balancer.ts';
import { describeWith } from './helper.ts';
import { checkConf, startNginx } from './nginx.ts';

describeWith('nginx', 'deploy/nginx/nginx.conf, in a real nginx', () => {
  test('nginx has nothing to say against it', async () => {
    const said = await checkConf();
    expect(said).toContain('test is successful');
    expect(said).not.toMatch(/\[(warn|error|emerg)\]/);
  });

  testBalancer(startNginx);
});
