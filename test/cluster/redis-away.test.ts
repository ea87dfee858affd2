import { expect, onTestFinished, test } from 'vitest';
import { build, describeWith, type Frame, join, type TestServer, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { joinV1 } from '../v1/v1.ts';
import { admin, agreed, instances, NO_RATES, slowed } from './instances.ts';
import { RedisServer, startRedis } from './redis-server.ts';

/** What can become of a Redis, and how it comes back. */
const FAULTS: [string, (redis: RedisServer) => Promise<unknown>, (redis: RedisServer) => Promise<unknown>][] =
  [
    ['is stopped', async (redis) => redis.kill('SIGSTOP'), async (redis) => redis.kill('SIGCONT')],
    ['is killed, and comes back empty', (redis) => redis.stop(), (redis) => redis.start()],
    [
      'is out of memory',
      async (redis) => (await admin(redis))('CONFIG', 'SET', 'maxmemory', '1'),
      async (redis) => (await admin(redis))('CONFIG', 'SET', 'maxmemory', '0'),
    ],
    [
      'takes no writes, as a replica',
      async (redis) => (await admin(redis))('REPLICAOF', '127.0.0.1', '1'),
      async (redis) => (await admin(redis))('REPLICAOF', 'NO', 'ONE'),
    ],
  ];

async function status(server: TestServer, path: string): Promise<[number, Record<string, unknown>]> {
  const reply = await fetch(server.url + path);
  return [reply.status, (await reply.json()) as Record<string, unknown>];
}

function codeOf(frame: Frame): [string | undefined, string] {
  return [frame.id, (frame.data as unknown as { code: string }).code];
}

describeWith('redis', 'a Redis that is away', () => {
  test.each(FAULTS)(
    'Redis %s: sockets stay, local rooms go on, and what differs is told when it is back',
    async (_name, fail, mend) => {
      const redis = await startRedis();
      const servers = (await instances(redis.url, 2, { GRACE_SECONDS: '3600' })) as [TestServer, TestServer];
      const [one, two] = servers;
      const near = [await join(one, 'local', 'a'), await join(one, 'local', 'b')] as const;
      const [a, leaver] = [await join(one, 'both', 'a'), await join(one, 'both', 'leaver')];
      const [b, v1] = [await joinV1(two, 'both', 'b'), await joinV1(one, 'both', 'v1')];
      await agreed(servers, 'both', ['a', 'leaver', 'b', 'v1']);
      for (const [each, seq] of [
        [near[0], 1],
        [a, 1],
      ] as const) {
        each.send({ type: 'chat', data: 'before' });
        expect(await each.nextOf('chat')).toMatchObject({ seq });
      }
      await b.nextOf('chat');

      await fail(redis);
      near[0].send({ type: 'offer', to: 'b', data: 'near' });
      expect(await near[1].nextOf('offer')).toMatchObject({ data: 'near' });
      await until(async () => (await status(one, '/ready'))[0] === 503);
      expect((await status(one, '/ready'))[1]).toMatchObject({ checks: { redis: 'down', draining: false } });
      expect((await status(one, '/health'))[0]).toBe(200);
      expect((await status(one, '/stats'))[1]).toMatchObject({ scope: 'instance', totalPeers: 5 });
      expect((await status(one, '/stats?room=nobody'))[1]).toMatchObject({ scope: 'instance', peers: [] });
      near[0].send({ type: 'chat', data: 'meanwhile' });
      for (const each of near)
        await until(async () => {
          const { seq, data } = await each.nextOf('chat');
          return seq === 2 && data === 'meanwhile';
        });
      const late = await join(one, 'local', 'late');
      expect(await near[0].nextOf('new-peer')).toMatchObject({ data: 'late' });
      // What can't be written is never taken for sent.
      a.send({ type: 'offer', to: 'b', data: 'far', id: 'far' });
      expect(codeOf(await a.nextOf('error'))).toEqual(['far', 'peer-away']);
      a.send({ type: 'chat', data: 'to all', id: 'all' });
      expect(codeOf(await a.nextOf('error'))).toEqual(['all', 'peer-away']);
      await join(one, 'both', 'newcomer');
      expect(await a.nextOf('new-peer')).toMatchObject({ data: 'newcomer' });
      leaver.ws.close();
      expect(await a.nextOf('peer-left')).toMatchObject({ data: 'leaver' });
      v1.ws.terminate();
      await until(() => one.app.rooms.census.away === 1);
      expect(await b.flush()).toEqual(
        expect.not.arrayContaining([expect.objectContaining({ from: 'server' })]),
      );

      await mend(redis);
      for (const server of servers) await until(async () => (await status(server, '/ready'))[0] === 200);
      const news = new Set(['peer-left leaver', 'peer-away v1', 'new-peer newcomer']);
      while (news.size > 0) {
        const { type, data } = await b.next();
        expect(news.delete(`${type} ${data}`), `${type} ${data}`).toBe(true);
      }
      a.send({ type: 'offer', to: 'b', data: 'again' });
      expect(await b.next()).toMatchObject({ type: 'offer', data: 'again' });
      near[0].send({ type: 'chat', data: 'after' });
      expect(await late.nextOf('chat')).toMatchObject({ seq: 3, data: 'after' });
      a.send({ type: 'chat', data: 'after' });
      expect((await b.nextOf('chat')).seq).toBeGreaterThan(1);
      const reader = await joinV1(two, 'local', 'reader');
      expect(reader.data).toEqual(['a', 'b', 'late', 'reader']);
      const told = reader.welcome.chat.messages.map(({ seq, data }) => [seq, data]);
      expect(told).toEqual([
        [1, 'before'],
        [2, 'meanwhile'],
        [3, 'after'],
      ]);
      expect(await near[0].nextOf('new-peer')).toMatchObject({ data: 'reader' });
      await until(async () => {
        const [, { scope, totalPeers, away, instances }] = await status(two, '/stats');
        return (
          scope === 'cluster' &&
          totalPeers === 8 &&
          away === 1 &&
          (instances as { complete: boolean }).complete
        );
      });
      for (const { ws } of [...near, a, b, late]) expect(ws.readyState).toBe(ws.OPEN);
    },
  );

  test('Redis is not there at the start and comes later: rooms work at once, and join each other then', async () => {
    const redis = new RedisServer(await freePort());
    onTestFinished(() => redis.dispose());
    const env = { ...NO_RATES, REDIS_URL: redis.url };
    const servers = (await Promise.all([build(env), build(env)])) as [TestServer, TestServer];
    const [one, two] = servers;
    expect((await status(one, '/ready'))[0]).toBe(503);
    const passing = await join(one, 'passing', 'a');
    passing.ws.close();
    const [a, c] = [await join(one, 'r', 'a'), await joinV1(one, 'r', 'c')];
    // Of a room that nobody else can have heard of nothing is left to tell.
    await until(() => one.app.rooms.known.get('passing') === undefined);
    const [b, d] = [await join(two, 'r', 'b'), await joinV1(two, 'r', 'd')];
    a.send({ type: 'offer', to: 'c', data: 1 });
    expect(await c.nextOf('offer')).toMatchObject({ data: 1 });
    await redis.start();
    await until(() => servers.every(({ app }) => app.cluster.members.length === 2));
    await agreed(servers, 'r', ['a', 'b', 'c', 'd']);
    const peers = { a, b, c, d };
    const told = new Set<string>();
    for (const [id, peer] of Object.entries(peers))
      for (const { type, data } of await peer.flush())
        if (type === 'new-peer' && !told.has(`${data} ${id}`)) told.add(`${id} ${data}`);
        else expect(type).not.toBe('new-peer');
    // All pairs but that of each instance, which met before; and those were told then.
    expect(told.size).toBe(6);
    b.send({ type: 'offer', to: 'c', data: 2 });
    expect(await c.nextOf('offer')).toMatchObject({ from: 'b', data: 2 });
  });

  test('a Redis that takes 300 ms for each answer slows things down, and that is all', async () => {
    const redis = await startRedis();
    const servers = (await instances(`redis://127.0.0.1:${await slowed(redis.port, 300)}`, 2)) as [
      TestServer,
      TestServer,
    ];
    const [one, two] = servers;
    const [a, b] = [await join(one, 'r', 'a'), await join(two, 'r', 'b')];
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'b' });
    for (let n = 0; n < 20; n++) {
      a.send({ type: 'offer', to: 'b', data: n });
      if (n % 10 === 0) b.send({ type: 'chat', data: n });
    }
    for (let n = 0; n < 20; n++) expect(await b.nextOf('offer')).toMatchObject({ data: n });
    for (const seq of [1, 2]) expect(await a.nextOf('chat')).toMatchObject({ seq });
    for (const server of servers) expect((await status(server, '/ready'))[0]).toBe(200);
    expect((await a.flush()).filter(({ type }) => type === 'error')).toEqual([]);
  });
});
