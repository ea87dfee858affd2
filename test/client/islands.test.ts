import { expect, onTestFinished, test } from 'vitest';
import { joinRoom } from '../../client/src/index.ts';
import { RedisServer } from '../cluster/redis-server.ts';
import { build, describeWith, until } from '../helper.ts';
import { freePort } from '../ports.ts';

describeWith('redis', 'two instances that find each other late', () => {
  test('clients of both meet when Redis comes up: one makes the offer, signals and chats go between them', async () => {
    const redis = new RedisServer(await freePort());
    onTestFinished(() => redis.dispose());
    const servers = [await build({ REDIS_URL: redis.url }), await build({ REDIS_URL: redis.url })];
    const [b, a] = servers.map(({ port }, n) => {
      // The first place in the order of joining is given twice, and the ids decide.
      const room = joinRoom({ url: `ws://127.0.0.1:${port}`, room: 'r', peerId: ['b', 'a'][n]! });
      onTestFinished(() => room.leave());
      return room;
    });
    await Promise.all([a!.joined, b!.joined]);
    expect([...a!.peers, ...b!.peers]).toEqual([]);

    await redis.start();
    await until(() => a!.peers.length === 1 && b!.peers.length === 1);
    expect(a!.arrivals).toMatchObject([{ peer: { id: 'b', dialect: 'v1', status: 'here' }, offer: true }]);
    expect(b!.arrivals).toMatchObject([{ peer: { id: 'a', dialect: 'v1', status: 'here' }, offer: false }]);
    const signals: unknown[] = [];
    b!.on('signal', ({ type, from }) => signals.push([type, from.id]));
    await a!.send('b', 'offer', { sdp: '' });
    expect(signals).toEqual([['offer', 'a']]);
    const heard = new Promise((resolve) => b!.on('chat', ({ data, seq }) => resolve([data, seq])));
    await a!.chat('hello');
    expect(await heard).toEqual(['hello', 1]);
    for (const { url } of servers) {
      await until(async () => {
        const stats = await (await fetch(`${url}/stats`)).json();
        return JSON.stringify(stats).startsWith('{"roomCount":1,"totalPeers":2,');
      });
    }
  });
});
