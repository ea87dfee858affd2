import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { until } from '../helper.ts';
import { frame, RawSocket, text, upgrade } from './raw.ts';
import { type Scene, torture } from './scene.ts';

const QUIET = { LOG_LEVEL: 'silent' };

test('a storm of joins: in each room each pair met exactly once, and all know everybody', async () => {
  await torture({ ...QUIET }, async ({ join, server }) => {
    const [rooms, size] = [20, 12];
    const all = Array.from({ length: rooms * size }, (_, i) => ({
      room: `room-${i % rooms}`,
      peer: `p${i}`,
    }));
    const sockets = await Promise.all(all.map(({ room, peer }) => join(room, peer)));
    expect(server.app.rooms.census.peers).toBe(rooms * size + 2);
    expect(server.app.rooms.census.rooms).toBe(rooms + 1);
    const told = await Promise.all(sockets.map((socket) => socket.flush()));
    for (let room = 0; room < rooms; room++) {
      const pairs: string[] = [];
      for (const [i, frames] of told.entries()) {
        if (i % rooms !== room) continue;
        for (const { type, data } of frames) {
          if (type === 'new-peer') pairs.push([`p${i}`, data as string].sort().join());
        }
      }
      expect(pairs.length).toBe((size * (size - 1)) / 2);
      expect(new Set(pairs).size).toBe(pairs.length);
    }
  });
});

test('a storm for one peer id: one gets it, and all the others are closed with 4509', async () => {
  await torture({ ...QUIET }, async ({ rawWith, server, join }) => {
    const watcher = await join('room', 'watcher');
    const all = Array.from({ length: 40 }, () => rawWith(upgrade('/ws/room/wanted')));
    await until(() => all.filter(({ unread }) => unread.length > 0).length === 1);
    const lucky = all.find(({ unread }) => unread.length > 0)!;
    for (const each of all) if (each !== lucky) expect((await each.closed).code).toBe(4509);
    expect(server.app.rooms.sessions.size).toBe(4);
    expect((await watcher.flush()).map(({ type }) => type)).toEqual(['new-peer', 'peers']);
  });
});

test('a storm for the peer id of a dead socket: one gets it, the counts stay true', async () => {
  await torture({ ...QUIET }, async ({ raw, rawWith, server, join }) => {
    const watcher = await join('room', 'watcher');
    const dead = await raw('room', 'wanted');
    dead.answers = false;
    await watcher.flush();
    const all = Array.from({ length: 20 }, () => rawWith(upgrade('/ws/room/wanted')));
    expect((await dead.closed).code).toBe(1006);
    await until(() => all.every(({ unread, ended }) => unread.length > 0 || ended));
    const lucky = all.filter(({ unread }) => unread.length > 0);
    expect(lucky.length).toBe(1);
    for (const each of all) if (each !== lucky[0]) expect((await each.closed).code).toBe(4509);
    expect(server.app.rooms.sessions.size).toBe(4);
    expect(server.app.rooms.census.peers).toBe(4);
    const told = (await watcher.flush()).map(({ type, data }) => [type, data]);
    expect(told).toEqual([
      ['peer-left', 'wanted'],
      ['new-peer', 'wanted'],
      ['peers', ['watcher', 'wanted']],
    ]);
  });
});

/** Connections that end in every rude way there is, some before they have begun. */
async function rudeness({ server }: Scene, name: string, count: number): Promise<void> {
  const ends = Array.from({ length: count }, async (_, i) => {
    const request = upgrade(`/ws/${name}-${i % 7}/peer-${i}`);
    const client = new RawSocket(server.port, i % 6 === 0 ? request.subarray(0, 40) : request);
    if (i % 6 === 1) client.socket.resetAndDestroy();
    if (i % 6 > 2) await client.opened;
    if (i % 6 === 3) client.write(text({ type: 'chat', data: 'x'.repeat(2_000) }), text('{').subarray(0, 5));
    if (i % 6 === 4) client.write(frame(3));
    if (i % 6 === 5) client.socket.resetAndDestroy();
    else if (i % 2 === 0) client.socket.end();
    else client.socket.destroy();
    await client.closed;
    client.socket.destroy();
  });
  await Promise.all(ends);
  const { rooms } = server.app;
  await until(() => rooms.census.peers === 2 && rooms.sessions.size === 2 && rooms.census.rooms === 1);
}

test('storms of connections that drop in every rude way leave no session, room or memory behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  await torture({ ...QUIET }, async (scene) => {
    const connections = () => {
      return new Promise<number>((resolve, reject) => {
        scene.server.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      });
    };
    const heap = async () => {
      await until(async () => (await connections()) === 2);
      for (let i = 0; i < 4; i++) {
        collect();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return process.memoryUsage().heapUsed;
    };
    for (let i = 0; i < 3; i++) await rudeness(scene, `warm-${i}`, 120);
    const before = await heap();
    for (let i = 0; i < 8; i++) await rudeness(scene, `storm-${i}`, 150);
    // 1200 connections that stayed would hold several megabytes.
    expect((await heap()) - before).toBeLessThan(2_000_000);
  });
});
