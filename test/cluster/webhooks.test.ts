import { expect, test } from 'vitest';
import { build, describeWith, join, until } from '../helper.ts';
import { start } from '../process-helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { Receiver, telling } from '../webhooks/receiver.ts';
import { startRedis } from './redis-server.ts';

describeWith('redis', 'webhooks of many instances', () => {
  test('each thing is told once, by whoever holds the peer; a move is nothing to tell', async () => {
    const redis = await startRedis();
    const receiver = await new Receiver().start();
    const env = { REDIS_URL: redis.url, ...telling(receiver) };
    const [one, two] = [await build(env), await build(env)];
    await until(() => [one, two].every(({ app }) => app.cluster.members.length === 2));
    const a = await joinV1(one, 'r', 'a');
    await until(() => receiver.taken.length === 2);
    const b = await join(two, 'r', 'b');
    await until(() => receiver.taken.length === 3);
    const moved = await joinV1(two, 'r', 'a', { seat: a.welcome.seat });
    expect(moved.welcome.resumed).toBe(true);
    await a.closed;
    b.ws.close(1000);
    await until(() => receiver.taken.length === 4);
    await join(one, 'r', 'c');
    await until(() => receiver.taken.length === 5);
    moved.ws.close(1000);
    await until(() => receiver.taken.length === 6);
    expect(receiver.taken).toEqual([
      'room.started r',
      'peer.joined r a',
      'peer.joined r b',
      'peer.left r b',
      'peer.joined r c',
      'peer.left r a',
    ]);
  });

  test('of an instance that died another one tells who has left', async () => {
    const redis = await startRedis();
    const receiver = await new Receiver().start();
    const env = { REDIS_URL: redis.url, GRACE_SECONDS: '1', ...telling(receiver) };
    const living = await build(env);
    const dying = await start(env);
    await until(() => living.app.cluster.members.length === 2);
    await join(dying, 'r', 'plain');
    await joinV1(dying, 'r', 'v1');
    await until(() => receiver.taken.length === 3);
    dying.kill('SIGKILL');
    await until(() => receiver.taken.length >= 6);
    expect(receiver.taken).toEqual([
      'room.started r',
      'peer.joined r plain',
      'peer.joined r v1',
      'peer.left r plain',
      'peer.left r v1',
      'room.ended r',
    ]);
    expect(new Set(receiver.all.map(({ body }) => body.id)).size).toBe(6);
  });
});
