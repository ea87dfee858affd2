import { expect, test } from 'vitest';
import { build, describeWith, join, until } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { startRedis } from './redis-server.ts';

describeWith('redis', 'several instances over Redis', () => {
  test('peers of two instances meet, relay to each other, and leave', async () => {
    const redis = await startRedis();
    const one = await build({ REDIS_URL: redis.url });
    const two = await build({ REDIS_URL: redis.url });
    expect(await (await fetch(`${one.url}/ready`)).json()).toMatchObject({
      status: 'ok',
      checks: { redis: 'ok' },
    });
    await until(() => one.app.cluster.members.length === 2);
    const a = await join(one, 'r', 'a');
    const b = await join(two, 'r', 'b');
    expect(await a.next()).toMatchObject({ type: 'new-peer', data: 'b' });
    expect(await a.next()).toMatchObject({ type: 'peers', data: ['a', 'b'] });
    a.send({ type: 'offer', to: 'b', data: { sdp: 1 } });
    expect(await b.next()).toEqual({ type: 'offer', room: 'r', from: 'a', to: 'b', data: { sdp: 1 } });
    b.send({ type: 'chat', data: 'hello' });
    expect(await a.next()).toMatchObject({ type: 'chat', data: 'hello', seq: 1 });
    expect(await b.next()).toMatchObject({ type: 'chat', data: 'hello', seq: 1 });
    const c = await joinV1(two, 'r', 'c');
    expect(c.data).toEqual(['a', 'b', 'c']);
    expect(c.welcome.chat.messages).toMatchObject([{ data: 'hello', seq: 1 }]);
    await until(async () => {
      const stats = await (await fetch(`${one.url}/stats`)).json();
      return (stats as { totalPeers: number }).totalPeers === 3;
    });
    const [here, there] = [one.app.cluster.instance, two.app.cluster.instance];
    expect(await (await fetch(`${one.url}/stats?room=r`)).json()).toMatchObject({
      roomCount: 1,
      totalPeers: 3,
      rooms: [{ id: 'r', peerCount: 3 }],
      peers: [
        { id: 'a', dialect: 'plain', status: 'here', instance: here },
        { id: 'b', dialect: 'plain', status: 'here', instance: there },
        { id: 'c', dialect: 'v1', status: 'here', instance: there },
      ],
      scope: 'cluster',
      instances: { heard: 2, expected: 2, complete: true },
    });
    b.ws.close();
    expect(await a.nextOf('peer-left')).toMatchObject({ data: 'b' });
  });
});
