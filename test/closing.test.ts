import { expect, test } from 'vitest';
import { build } from './helper.ts';
import { rawJoin } from './process-helper.ts';
import { upgrade } from './routes/upgrade.ts';

test('an upgrade that comes while the server closes is answered with 503, and holds nothing up', async () => {
  const server = await build();
  // One who does not answer the close frame gives the other the time to come.
  await rawJoin(server, '/ws/r/a');
  const closing = server.app.close();
  const { status } = await upgrade(server, '/ws/r/b');
  expect(status).toBe(503);
  await closing;
});
