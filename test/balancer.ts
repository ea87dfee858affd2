import { expect, test } from 'vitest';
import { build, join, socket } from './helper.ts';
import { joinV1 } from './v1/v1.ts';

/** Starts a balancer in front of the instances at these ports of 127.0.0.1; it ends after the test. */
type Start = (...instances: number[]) => Promise<{ port: number; url: string }>;

/** What holds behind every balancer that deploy/ has a configuration for. */
export function testBalancer(start: Start): void {
  test('all peers of a room meet on one instance, and the rooms are spread', async () => {
    const servers = [await build(), await build()];
    const proxy = await start(...servers.map(({ port }) => port));
    for (let room = 0; room < 20; room++) {
      await join(proxy, `room/${room}`, 'a');
      const b = await joinV1(proxy, encodeURIComponent(`room/${room}`), 'b');
      expect(b.data).toEqual(['a', 'b']);
    }
    const counts = servers.map(({ app }) => app.rooms.census.rooms);
    expect(counts[0]! + counts[1]!).toBe(20);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test('what the server refuses before the handshake comes through as it is', async () => {
    const server = await build({ TRUST_PROXY: '127.0.0.1', JOIN_BURST: '2', JOIN_RATE: '0.001' });
    const proxy = await start(server.port);
    const statusOf = (path: string, headers: Record<string, string> = {}) =>
      socket(proxy, path, { headers })
        .opened()
        .then(
          () => 101,
          (error: Error) => Number(/\d+$/.exec(error.message)![0]),
        );
    expect(await statusOf('/ws/r/a', { origin: 'https://elsewhere.example' })).toBe(403);
    expect(await statusOf('/elsewhere')).toBe(404);
    expect((await fetch(`${proxy.url}/ws/r/a`)).status).toBe(426);
    // A client is counted by its own address, whatever it claims.
    expect(await statusOf('/ws/r/a', { 'x-forwarded-for': '192.0.2.1' })).toBe(101);
    expect(await statusOf('/ws/r/b', { 'x-forwarded-for': '192.0.2.2' })).toBe(101);
    expect(await statusOf('/ws/r/c', { 'x-forwarded-for': '192.0.2.3' })).toBe(429);
  });

  test('an instance that dies is passed over', async () => {
    const servers = [await build(), await build()];
    const proxy = await start(...servers.map(({ port }) => port));
    const a = await join(proxy, 'r', 'a');
    const [first, second] = servers[0]!.app.rooms.census.peers === 1 ? servers : [servers[1]!, servers[0]!];
    await first!.app.close();
    await a.closed;
    await join(proxy, 'r', 'a');
    expect(second!.app.rooms.census.peers).toBe(1);
  });
}
