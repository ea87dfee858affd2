import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { inTime, NoAnswer } from '../../src/cluster/in-time.ts';

test('an answer that lay there while the event loop was held up is in time, whatever the clock says', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [other] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const answer = inTime(once(client, 'data'), performance.now() + 50);
  other.write('x');
  for (const end = performance.now() + 200; performance.now() < end; );
  expect(String((await answer)[0])).toBe('x');
});

test('what does not come is given up', async () => {
  await expect(inTime(new Promise(() => {}), performance.now() + 10)).rejects.toBeInstanceOf(NoAnswer);
});
