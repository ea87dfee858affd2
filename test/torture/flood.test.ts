import { expect, test } from 'vitest';
import { frame, PING, PONG, type RawSocket, text } from './raw.ts';
import { torture } from './scene.ts';

/** Sends a packet again and again until it is closed; how many ms that took, and with which code. */
async function flood(
  client: RawSocket,
  packet: Buffer,
): Promise<{ ms: number; code: number; reason: string }> {
  const startedAt = performance.now();
  const timer = setInterval(() => client.socket.writable && client.write(packet), 100);
  const { code, reason } = await client.closed;
  clearInterval(timer);
  return { ms: performance.now() - startedAt, code, reason };
}

// One test, as all of them take the same ten seconds.
test('a client that goes on over its rate for 10 s is closed with 4400, whatever it sends; a pause saves it', async () => {
  await torture(
    { MESSAGE_RATE: '20', MESSAGE_BURST: '20' },
    async ({ raw, join, server }) => {
      const watcher = await join('room', 'watcher');
      const floods: Record<string, Buffer> = {
        offers: text({ type: 'offer', to: 'watcher', data: 1, id: 'i' }),
        chats: text({ type: 'chat', data: 1, id: 'i' }),
        'invalid JSON': text('{'),
        'unknown types': text({ type: 'x' }),
        pings: frame(PING, 'x'),
        pongs: frame(PONG, 'x'),
      };
      const all = Object.entries(floods).map(async ([name, message]) => {
        const client = await raw('room', name);
        const end = await flood(client, Buffer.concat(Array(10).fill(message)));
        expect({ name, code: end.code, reason: end.reason }).toEqual({
          name,
          code: 4400,
          reason: 'rate-limited',
        });
        expect(end.ms, name).toBeGreaterThan(9_500);
        if (name === 'pings' || name === 'pongs') return;
        // All the time it was told of each message that was not passed on.
        const refused = client.unread.filter((text) => text.includes('"rate-limited"'));
        expect(refused.length, name).toBeGreaterThan(100);
      });
      // Over the rate as often, but with a pause of more than two seconds each time.
      const pausing = await raw('room', 'pausing');
      const burst = () => pausing.write(...Array(60).fill(text({ type: 'peers', id: 'p' })));
      burst();
      const timer = setInterval(burst, 3_000);
      await Promise.all(all);
      clearInterval(timer);
      expect(pausing.unread.filter((text) => text.includes('"rate-limited"')).length).toBeGreaterThan(60);
      expect(server.app.rooms.known.find('room', 'pausing')).toBeDefined();
      const left = [];
      while (left.length < Object.keys(floods).length) left.push((await watcher.nextOf('peer-left')).data);
      expect(left.sort()).toEqual(Object.keys(floods).sort());
    },
    200,
  );
});
