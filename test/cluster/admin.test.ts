import { expect, test } from 'vitest';
import { enter, JWT_SECRET, mint, REMOVED, tryToken } from '../auth/mint.ts';
import { build, describeWith, join, until } from '../helper.ts';
import { ADMIN_TOKEN, ask } from '../routes/admin-api.ts';
import { joinV1 } from '../v1/v1.ts';
import { startRedis } from './redis-server.ts';

/** Three instances that know each other. */
async function three() {
  const redis = await startRedis();
  const env = { REDIS_URL: redis.url, ADMIN_TOKEN, JWT_SECRET };
  const servers = [await build(env), await build(env), await build(env)] as const;
  await until(() => servers.every(({ app }) => app.cluster.members.length === 3));
  return { redis, servers };
}

describeWith('redis', 'the admin API over many instances', () => {
  test('a room without peers of the asked instance is listed, told something, and closed', async () => {
    const { servers } = await three();
    const [one, two, asked] = servers;
    const a = await join(one, 'r', 'a');
    const b = await joinV1(two, 'r', 'b');
    await a.nextOf('new-peer');
    expect((await ask(asked, 'GET /r/peers')).body).toMatchObject({
      peers: [
        { id: 'a', dialect: 'plain', instance: one.app.cluster.instance },
        { id: 'b', session: b.welcome.id, dialect: 'v1', instance: two.app.cluster.instance },
      ],
    });
    expect(await ask(asked, 'POST /r/announcement', '{"data":{"n":1e400}}')).toEqual({
      status: 200,
      body: { peers: 2 },
    });
    const frame = '{"type":"announcement","room":"r","from":"server","data":{"n":1e400}}';
    for (const peer of [a, b]) {
      let text = await peer.nextText();
      while (!text.includes('announcement')) text = await peer.nextText();
      expect(text).toBe(frame);
    }
    expect(await ask(asked, 'DELETE /r')).toEqual({ status: 200, body: { peers: 2 } });
    for (const peer of [a, b]) expect(await peer.closed).toEqual(REMOVED);
    await until(async () => (await ask(asked, 'GET /r/peers')).status === 404);
  });

  test('a peer of another instance is removed, and its token is refused everywhere', async () => {
    const { servers } = await three();
    const [one, two, three_] = servers;
    const token = await mint('a');
    const a = await enter(one, token, 'a');
    const b = await join(two, 'r', 'b');
    expect((await ask(two, 'DELETE /r/peers/a')).status).toBe(204);
    expect(await a.closed).toEqual(REMOVED);
    expect(await b.nextOf('peer-left')).toMatchObject({ data: 'a' });
    for (const server of [one, two, three_])
      expect(await tryToken(server, token, 'a').closed).toEqual(REMOVED);
  });

  test('an announcement reaches peers of the asked instance and of others, each once', async () => {
    const { servers } = await three();
    const [one, two] = servers;
    const a = await join(one, 'r', 'a');
    const b = await join(two, 'r', 'b');
    await a.nextOf('new-peer');
    expect((await ask(one, 'POST /r/announcement', '{"data":"first"}')).body).toEqual({ peers: 2 });
    expect((await ask(two, 'POST /r/announcement', '{"data":"second"}')).body).toEqual({ peers: 2 });
    for (const peer of [a, b]) {
      const heard = [await peer.nextOf('announcement'), await peer.nextOf('announcement')];
      expect(heard.map(({ data }) => data).sort()).toEqual(['first', 'second']);
      expect((await peer.flush()).filter(({ type }) => type === 'announcement')).toEqual([]);
    }
  });

  test('without Redis what is here is done, and the rest is 503', async () => {
    const { redis, servers } = await three();
    const [one, two] = servers;
    const a = await join(one, 'r', 'a');
    await join(two, 'r', 'b');
    await join(two, 'elsewhere', 'c');
    await a.nextOf('new-peer');
    await redis.stop();
    await until(() => one.app.cluster.state === 'down');
    expect((await ask(one, 'GET /r/peers')).body).toMatchObject({ peers: [{ id: 'a' }, { id: 'b' }] });
    expect(await ask(one, 'GET /elsewhere/peers')).toMatchObject({
      status: 503,
      body: { error: 'Service Unavailable' },
    });
    expect((await ask(one, 'POST /r/announcement', '{"data":1}')).status).toBe(503);
    expect((await a.nextOf('announcement')).data).toBe(1);
    expect((await ask(one, 'DELETE /r')).status).toBe(503);
    expect(await a.closed).toEqual(REMOVED);
  });
});
