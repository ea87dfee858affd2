import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import { onTestFinished } from 'vitest';
import { build, type TestServer, until } from '../helper.ts';
import { type ServerProcess, start } from '../process-helper.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** No rate holds a test up that lets many act at once from one address. */
export const NO_RATES = { JOIN_RATE: '0', MESSAGE_RATE: '0', BYTE_RATE: '0', MAX_BUFFERED_BYTES: '0' };

/** Instances in this process, joined by a Redis, that know of each other. */
export async function instances(
  url: string,
  count = 3,
  env: Record<string, string> = {},
): Promise<TestServer[]> {
  const settings = { ...NO_RATES, REDIS_URL: url, ...env };
  const all = await Promise.all(Array.from({ length: count }, () => build(settings)));
  await until(() => all.every(({ app }) => app.cluster.members.length === count));
  return all;
}

/** Three instances in processes of their own, that know of each other. */
export async function processes(env: Record<string, string> = {}): Promise<ServerProcess[]> {
  const { url } = await startRedis();
  const all = await Promise.all([1, 2, 3].map(() => start({ ...NO_RATES, REDIS_URL: url, ...env })));
  for (const server of all) await until(async () => (await stats(server)).instances.heard === 3);
  return all;
}

export interface Stats {
  totalPeers: number;
  away: number;
  instances: { heard: number; expected: number; complete: boolean };
}

export async function stats(server: ServerProcess): Promise<Stats> {
  return (await (await fetch(`${server.url}/stats?limit=0`)).json()) as Stats;
}

/** Waits until these instances know the same peers of a room, and nothing is under way there. */
export async function agreed(servers: TestServer[], room: string, peers: Iterable<string>): Promise<void> {
  const wanted = [...peers].sort().join();
  await until(() =>
    servers.every(({ app }) => {
      const place = app.rooms.known.get(room);
      if (!place) return true; // nobody of its own is in it
      return place.writer.idle && [...place.room.peers.keys()].sort().join() === wanted;
    }),
  );
}

/** Sends commands to a Redis, past the instances. */
export async function admin(redis: RedisServer): Promise<(...args: string[]) => Promise<unknown>> {
  const client = createClient({ RESP: 2, url: redis.url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return (...args) => client.sendCommand(args);
}

/** Another way to this port, on which each answer takes so many ms longer. */
export async function slowed(port: number, ms: number): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {}).on('close', () => other.destroy());
    }
    from.pipe(to);
    to.on('data', async (chunk) => {
      await delay(ms);
      from.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}
