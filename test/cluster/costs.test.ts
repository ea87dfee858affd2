import { expect, test } from 'vitest';
import { FakeConnection } from '../domain/fake-connection.ts';
import { describeWith, join, type TestServer, until } from '../helper.ts';
import { admin, instances } from './instances.ts';
import { startRedis } from './redis-server.ts';

/** What instances do by themselves while a test looks: far below what would come of a command for each room. */
const IDLE = 200;

interface Stats {
  roomCount: number;
  totalPeers: number;
  rooms: { id: string; peerCount: number }[];
  scope: string;
  instances: { heard: number; expected: number; complete: boolean };
}

async function stats(server: TestServer, query = ''): Promise<Stats> {
  return (await (await fetch(`${server.url}/stats${query}`)).json()) as Stats;
}

/** How often each command was called in Redis while `work` was done, within scripts too. */
async function counting(
  command: (...args: string[]) => Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await command('CONFIG', 'RESETSTAT');
  await work();
  const info = String(await command('INFO', 'commandstats'));
  const found = info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  return Object.fromEntries(Array.from(found, ([, name, calls]) => [name!, Number(calls)]));
}

describeWith('redis', 'what several instances cost Redis', () => {
  test('a relay within one instance costs it no command', async () => {
    const redis = await startRedis();
    const [one, two] = (await instances(redis.url, 2)) as [TestServer, TestServer];
    const [a, b] = [await join(one, 'r', 'a'), await join(one, 'r', 'b')];
    await join(two, 'r', 'c');
    await until(() => one.app.rooms.known.get('r')?.room.peers.size === 3);
    const counts = await counting(await admin(redis), async () => {
      for (let n = 0; n < 1_000; n++) a.send({ type: 'ice', to: 'b', data: n });
      for (let n = 0; n < 1_000; n++) expect((await b.nextOf('ice')).data).toBe(n);
    });
    expect(counts.xadd).toBeUndefined();
    expect(Object.values(counts).reduce((sum, calls) => sum + calls, 0)).toBeLessThan(IDLE);
  });

  test('the statistics are true within two seconds, and with 10,000 rooms they do not look into Redis for each', async () => {
    const redis = await startRedis();
    const servers = (await instances(redis.url, 2)) as [TestServer, TestServer];
    const [one, two] = servers;
    for (let n = 0; n < 10_000; n++) {
      const id = `room-${String(n).padStart(5, '0')}`;
      servers[n % 2]!.app.rooms.open(new FakeConnection(), id, 'a');
      if (n % 500 === 499) await until(() => servers.every(({ app }) => written(app.rooms.census.peers, n)));
    }
    await until(async () => (await stats(one)).totalPeers === 10_000);
    const peer = await join(two, 'room-00000', 'b');
    await until(async () => (await stats(one, '?limit=0')).totalPeers === 10_001);
    // If the machine was held up, the rooms are just being read again: then it is asked once more.
    const command = await admin(redis);
    let seen: Stats | undefined;
    await until(async () => {
      const counts = await counting(command, async () => {
        seen = await stats(one, '?limit=3&after=room-00000');
      });
      expect(Object.keys(counts)).not.toContain('scan');
      return Object.values(counts).reduce((sum, calls) => sum + calls, 0) < IDLE;
    });
    expect(seen).toMatchObject({
      roomCount: 10_000,
      totalPeers: 10_001,
      rooms: [1, 2, 3].map((n) => ({ id: `room-0000${n}`, peerCount: 1 })),
      scope: 'cluster',
      instances: { heard: 2, expected: 2, complete: true },
    });
    expect((await stats(two, '?limit=1')).rooms).toMatchObject([{ id: 'room-00000', peerCount: 2 }]);
    peer.ws.close();
    await until(async () => (await stats(one, '?limit=0')).totalPeers === 10_000);
  });
});

/** Whether an instance has every other one of the first peers. */
function written(peers: number, n: number): boolean {
  return peers === (n + 1) / 2;
}
