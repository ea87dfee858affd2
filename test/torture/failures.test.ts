import { expect, test, vi } from 'vitest';
import { torture } from './scene.ts';

test('a throw while a message is served closes that peer with 1011, and the process goes on', async () => {
  const thrown: unknown[] = [];
  const listener = (error: unknown) => thrown.push(error);
  process.on('uncaughtException', listener);
  try {
    await torture({}, async ({ server, join }) => {
      const watcher = await join('room', 'watcher');
      const victim = await join('room', 'victim');
      vi.spyOn(server.app.rooms.tally, 'message').mockImplementationOnce(() => {
        throw new Error('the inside of the server');
      });
      victim.send({ type: 'ping' });
      const { code, reason } = await victim.closed;
      expect({ code, reason }).toEqual({ code: 1011, reason: 'internal-error' });
      expect(victim.unread).toEqual([]);
      expect((await watcher.nextOf('peer-left')).data).toBe('victim');
      const errors = server.logs.filter(({ level }) => Number(level) >= 50);
      expect(errors).toMatchObject([{ err: { message: 'the inside of the server' } }]);
      // The place is free again.
      const next = await join('room', 'victim');
      expect(await next.flush()).toEqual([]);
    });
    expect(thrown).toEqual([]);
  } finally {
    process.off('uncaughtException', listener);
  }
});

test('a throw at the send to one peer harms neither the sender nor the others', async () => {
  await torture({}, async ({ server, raw }) => {
    const sender = await raw('room', 'sender');
    const broken = await raw('room', 'broken');
    const other = await raw('room', 'other');
    const { connection } = server.app.rooms.known.find('room', 'broken')!.session!;
    vi.spyOn(connection, 'send').mockImplementation(() => {
      throw new Error('no way out');
    });
    sender.send({ type: 'chat', data: 'to all' });
    expect((await other.nextOf('chat')).data).toBe('to all');
    expect((await sender.nextOf('chat')).data).toBe('to all');
    broken.socket.destroy();
    expect((await sender.nextOf('peer-left')).data).toBe('broken');
  });
});

test('a throw while a newcomer joins closes it with 1011 and leaves no trace of it', async () => {
  await torture({}, async ({ server, join, raw }) => {
    const watcher = await join('room', 'watcher');
    const spy = vi.spyOn(server.app.rooms.known, 'enter').mockImplementationOnce(() => {
      throw new Error('no seat');
    });
    await expect(raw('room', 'unlucky')).rejects.toThrow('closed');
    expect(spy).toHaveBeenCalledOnce();
    expect(await watcher.flush()).toEqual([]);
    expect([...server.app.rooms.sessions].map(({ peerId }) => peerId)).not.toContain('unlucky');
    await raw('room', 'unlucky');
    expect((await watcher.nextOf('new-peer')).data).toBe('unlucky');
  });
});
