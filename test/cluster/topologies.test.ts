import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join as path } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { build, describeWith, join, type TestServer, until } from '../helper.ts';
import { own } from '../own.ts';
import { freePort } from '../ports.ts';
import { start, tempFolder } from '../process-helper.ts';
import { admin, instances, stats } from './instances.ts';
import { agreeWithModel } from './model.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { cutting, storm } from './storm.ts';

const run = promisify(execFile);

/** A Redis Cluster of three masters. */
async function startCluster(): Promise<RedisServer[]> {
  const nodes = await Promise.all(
    [1, 2, 3].map(async () =>
      startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]),
    ),
  );
  const commands = await Promise.all(nodes.map(admin));
  const buses = await Promise.all(
    commands.map(async (command) => ((await command('CONFIG', 'GET', 'cluster-port')) as string[])[1]),
  );
  const addresses = nodes.map(({ port }, at) => `127.0.0.1:${port}@${buses[at]}`);
  await run('/usr/bin/redis-cli', [
    '--cluster',
    'create',
    ...addresses,
    '--cluster-replicas',
    '0',
    '--cluster-yes',
  ]);
  for (const command of commands)
    await until(async () => String(await command('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  return nodes;
}

describeWith('redis', 'a Redis Cluster of three masters', () => {
  test('it does what a single Redis does, also while its connections are cut', async () => {
    const nodes = await startCluster();
    const servers = await instances(nodes[0]!.url);
    await agreeWithModel(servers, 10);
    expect(await cutting(nodes, () => storm(servers, 'r'))).toBeGreaterThan(10);
  });
});

describeWith('redis', 'a Redis with a sentinel', () => {
  test('after the death of the master the instances go on with its replica, and nobody is seen to leave', async () => {
    const master = await startRedis();
    const replica = await startRedis(['--replicaof', '127.0.0.1', String(master.port)]);
    const replication = await admin(replica);
    await until(async () =>
      String(await replication('INFO', 'replication')).includes('master_link_status:up'),
    );
    const sentinel = await startSentinel(master);
    const servers = (await instances(`redis://127.0.0.1:${sentinel}/main`, 2)) as [TestServer, TestServer];
    const [a, b] = [await join(servers[0], 'r', 'a'), await join(servers[1], 'r', 'b')];
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'b' });
    await master.stop();
    await until(() => servers.some(({ app }) => app.cluster.state === 'down'));
    await until(() => servers.every(({ app }) => app.cluster.state === 'up'));
    a.send({ type: 'offer', to: 'b', data: 1 });
    b.send({ type: 'chat', data: 2 });
    const [heardA, heardB] = [await a.nextOf('chat'), await b.nextOf('offer')];
    expect([heardA.data, heardB.data]).toEqual([2, 1]);
    for (const peer of [a, b])
      expect((await peer.flush()).filter(({ type }) => type === 'peer-left')).toEqual([]);
    await join(servers[1], 'r', 'c');
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'c' });
  });
});

/** A sentinel that watches this master as "main". */
async function startSentinel(master: RedisServer): Promise<number> {
  const port = await freePort();
  const file = path(tempFolder(), 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${path(file, '..')}`,
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 3000',
    'sentinel failover-timeout main 3000',
  ];
  writeFileSync(file, lines.join('\n'));
  const child = own(spawn('/usr/bin/redis-sentinel', [file], { stdio: 'ignore' }));
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  // It has to know of the replica before it may be needed.
  const ask = async () => run('/usr/bin/redis-cli', ['-p', `${port}`, 'sentinel', 'replicas', 'main']);
  await until(async () => (await ask().catch(() => ({ stdout: '' }))).stdout.includes('slave'));
  return port;
}

describeWith('redis', 'several ways to one Redis', () => {
  test('where one takes the connection and answers nothing, the next one is gone', async () => {
    const redis = await startRedis();
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { app, logs } = await build({ REDIS_URL: `redis://127.0.0.1:${port}, ${redis.url},` });
    await until(() => app.cluster.state === 'up');
    const said = logs.filter(({ msg }) => String(msg).startsWith('redis'));
    expect(said.map(({ msg }) => msg)).toEqual(['redis is away: going on alone', 'redis is back']);
  });
});

describeWith('redis', 'a Redis that does not take everybody', () => {
  test('a user who may do no more than is needed is enough', async () => {
    const rights = '~record-meet:* +@read +@write +@connection +@scripting +time'.split(' ');
    const redis = await startRedis([
      '--user',
      'app',
      'on',
      '>pass word',
      ...rights,
      '--user',
      'default',
      'off',
    ]);
    const url = `redis://app:pass%20word@127.0.0.1:${redis.port}`;
    const [one, two] = (await instances(url, 2)) as [TestServer, TestServer];
    const [a, b] = [await join(one, 'r', 'a'), await join(two, 'r', 'b')];
    b.send({ type: 'chat', data: 1 });
    expect(await a.nextOf('chat')).toMatchObject({ seq: 1 });
    a.send({ type: 'offer', to: 'b', data: 2 });
    expect(await b.nextOf('offer')).toMatchObject({ data: 2 });
    const stranger = await build({ REDIS_URL: `redis://app:wrong@127.0.0.1:${redis.port}` });
    expect((await fetch(`${stranger.url}/ready`)).status).toBe(503);
    expect(JSON.stringify(stranger.logs)).not.toContain('wrong@');
  });

  test.each(['localhost', '127.0.0.1'])('over TLS to %s, with a certificate of our own', async (host) => {
    const folder = tempFolder();
    const [cert, key] = [path(folder, 'cert.pem'), path(folder, 'key.pem')];
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
    const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -addext ${names}`;
    await run('/usr/bin/openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
    const port = await freePort();
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
    await startRedis(['--tls-port', String(port), ...files, '--tls-auth-clients', 'no']);
    const env = { REDIS_URL: `rediss://${host}:${port}` };
    const [one, two, wary] = await Promise.all([
      start({ ...env, NODE_EXTRA_CA_CERTS: cert }),
      start({ ...env, NODE_EXTRA_CA_CERTS: cert }),
      start(env),
    ]);
    for (const server of [one, two]) await until(async () => (await stats(server)).instances.heard === 2);
    const a = await join(one, 'r', 'a');
    await join(two, 'r', 'b');
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'b' });
    expect((await fetch(`${wary.url}/ready`)).status).toBe(503);
    expect(one.stderr).toBe('');
  });
});
