import { expect, test } from 'vitest';
import { until } from '../helper.ts';
import { frame, PING, text } from './raw.ts';
import { type Scene, torture } from './scene.ts';

const LIMIT = 65_536;
const SLOW = { MAX_BUFFERED_BYTES: String(LIMIT), MESSAGE_RATE: '0', BYTE_RATE: '0' };
const bulk = 'x'.repeat(30_000);

/** The most that waits for any one connection. */
function buffered({ server }: Scene): number {
  return Math.max(0, ...[...server.app.rooms.sessions].map(({ connection }) => connection.buffered));
}

test('a peer that does not read is closed with 4401, its sender gets peer-not-found, the memory stays bounded', async () => {
  await torture(SLOW, async (scene) => {
    const sender = await scene.join('room', 'sender');
    const watcher = await scene.join('room', 'watcher');
    const slow = await scene.raw('room', 'slow');
    slow.socket.pause();
    await watcher.nextOf('new-peer');
    await sender.flush();
    await watcher.flush();
    let most = 0;
    let sent = 0;
    // The kernel takes a few megabytes before anything waits in the server.
    for (let refused = false; !refused; ) {
      expect(sent, 'far more than the kernel takes').toBeLessThan(3_000);
      sender.send({ type: 'offer', to: 'slow', data: bulk, id: `${sent++}` });
      for (const each of await sender.flush()) {
        if (each.type !== 'error') continue;
        // The very message that did not go out any more, and it is the only one.
        expect(each).toMatchObject({ id: `${sent - 1}`, data: { code: 'peer-not-found' } });
        refused = true;
      }
      most = Math.max(most, buffered(scene));
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(LIMIT + 1_000);
    expect((await watcher.next()).data).toBe('slow');
    expect(await watcher.flush()).toEqual([]);
    expect(scene.server.app.rooms.known.find('room', 'slow')).toBeUndefined();
    // When it reads again it finds all that was passed on, in order and whole, and then the close.
    slow.socket.resume();
    for (let n = 0; n < sent - 1; n++) expect((await slow.nextOf('offer')).id).toBe(`${n}`);
    expect(await slow.closed).toEqual({ code: 4401, reason: 'slow-consumer' });
  });
});

test('a message longer than all that may wait reaches who reads', async () => {
  await torture({ ...SLOW, MAX_MESSAGE_BYTES: '0' }, async (scene) => {
    const sender = await scene.join('room', 'sender');
    const reader = await scene.join('room', 'reader');
    for (const _ of [1, 2, 3]) {
      sender.send({ type: 'chat', data: 'x'.repeat(2 * LIMIT) });
      expect((await reader.nextOf('chat')).data).toHaveLength(2 * LIMIT);
      await sender.nextOf('chat');
    }
  });
});

test('a chat to the room reaches all the others while one of them does not read', async () => {
  await torture(SLOW, async (scene) => {
    const sender = await scene.join('room', 'sender');
    const slow = await scene.raw('room', 'slow');
    const reader = await scene.join('room', 'reader');
    slow.socket.pause();
    for (let seq = 1; scene.server.app.rooms.known.find('room', 'slow'); seq++) {
      sender.send({ type: 'chat', data: bulk });
      expect((await reader.nextOf('chat')).seq).toBe(seq);
      expect((await sender.nextOf('chat')).seq).toBe(seq);
      expect(buffered(scene)).toBeLessThanOrEqual(LIMIT + 1_000);
    }
    expect((await reader.nextOf('peer-left')).data).toBe('slow');
    expect((await sender.nextOf('peer-left')).data).toBe('slow');
  });
});

test('errors and pongs that a client does not read count, too', async () => {
  const floods: Record<string, Buffer> = {
    errors: text('{'.repeat(10)),
    pongs: text({ type: 'ping', data: 'x'.repeat(900) }),
    rosters: text({ type: 'peers', id: 'x'.repeat(100) }),
  };
  await torture(SLOW, async (scene) => {
    for (const [name, message] of Object.entries(floods)) {
      const slow = await scene.raw('room', name);
      const packet = Buffer.concat(Array(500).fill(message));
      slow.socket.pause();
      let most = 0;
      while (scene.server.app.rooms.known.find('room', name)) {
        // As fast as the server takes it: otherwise it would pile up on this side.
        await new Promise((resolve) => slow.socket.write(packet, resolve));
        most = Math.max(most, buffered(scene));
      }
      expect(most, name).toBeLessThanOrEqual(LIMIT + 1_000);
      slow.socket.resume();
      expect((await slow.closed).code, name).toBe(4401);
    }
  });
});

test('pings whose answers a client does not read fill no memory', async () => {
  await torture(SLOW, async (scene) => {
    const slow = await scene.raw('room', 'slow');
    slow.socket.pause();
    const packet = Buffer.concat(Array(30).fill(frame(PING, 'x'.repeat(125))));
    let most = 0;
    for (let i = 0; i < 5_000 && scene.server.app.rooms.known.find('room', 'slow'); i++) {
      await Promise.race([new Promise((resolve) => slow.socket.write(packet, resolve)), slow.closed]);
      most = Math.max(most, buffered(scene));
    }
    expect(most).toBeLessThanOrEqual(LIMIT + 30 * 127);
    slow.socket.destroy();
    await until(() => !scene.server.app.rooms.known.find('room', 'slow'));
  });
});
