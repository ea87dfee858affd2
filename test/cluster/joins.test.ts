import { expect, test } from 'vitest';
import { describeWith, type Frame, socket, type TestServer, type TestSocket, until } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { agreed, instances, slowed } from './instances.ts';
import { startRedis } from './redis-server.ts';

interface Joined {
  room: string;
  peer: string;
  v1: boolean;
  socket: TestSocket;
  heard: Frame[];
  /** How often it was told of each. */
  told: Map<string, number>;
}

/** Lets so many join at the same moment, each anywhere, every other one in the v1 dialect. */
function joinAll(servers: { port: number }[], count: number, rooms: number): Joined[] {
  return Array.from({ length: count }, (_, n) => {
    const server = servers[Math.floor(Math.random() * servers.length)]!;
    const [room, peer] = [`room-${n % rooms}`, `peer-${n}`];
    const v1 = n % 2 === 1;
    const protocols = v1 ? ['record-meet.v1'] : [];
    return {
      room,
      peer,
      v1,
      socket: socket(server, `/ws/${room}/${peer}`, {}, protocols),
      heard: [],
      told: new Map(),
    };
  });
}

/** How often one was told of the other. */
function told(one: Joined, other: Joined): number {
  return one.told.get(other.peer) ?? 0;
}

describeWith('redis', 'joins on three instances at the same moment', () => {
  test.each([
    ['in one room', 1],
    ['in five rooms', 5],
  ])(
    '300 peers %s: exactly one of each two hears of the other, and all rosters agree',
    async (_where, count) => {
      const servers = await instances((await startRedis()).url, 3, { MAX_PEERS_PER_ROOM: '0' });
      const all = joinAll(servers, 300, count);
      await Promise.all(all.map(({ socket }) => socket.opened()));
      for (let n = 0; n < count; n++) {
        const room = all.filter((one) => one.room === `room-${n}`);
        await until(() => servers.some(({ app }) => app.rooms.known.get(`room-${n}`)));
        await agreed(
          servers,
          `room-${n}`,
          room.map(({ peer }) => peer),
        );
        for (const one of room) one.heard.push(...(await one.socket.flush()));
        const order = room.map(
          ({ heard }) => heard.findLast(({ type }) => type === 'peers')!.data as string[],
        );
        const longest = order.reduce((a, b) => (b.length > a.length ? b : a));
        expect(longest.toSorted()).toEqual(room.map(({ peer }) => peer).toSorted());
        for (const [at, one] of room.entries()) {
          expect(one.heard[0], one.peer).toMatchObject({ type: 'peers' });
          const first = one.heard[0]!.data as string[];
          // The first roster, and who was announced after it, are the whole room in the one order of joining.
          const later = one.heard.filter(({ type }) => type === 'new-peer').map(({ data }) => `${data}`);
          for (const peer of later) one.told.set(peer, (one.told.get(peer) ?? 0) + 1);
          expect([...first, ...later]).toEqual(longest);
          if (!one.v1) expect(order[at]).toEqual(longest);
        }
        const pairs = room.flatMap((one, at) => room.slice(at + 1).map((other) => [one, other] as const));
        const wrong = pairs.filter(([one, other]) => told(one, other) + told(other, one) !== 1);
        expect(wrong.map(([one, other]) => `${one.peer} and ${other.peer}`)).toEqual([]);
      }
    },
  );

  test('an instance for five takes five of 20 that come at once, each into a room of its own', async () => {
    const [server] = (await instances((await startRedis()).url, 1, { MAX_PEERS: '5' })) as [TestServer];
    const all = joinAll([server], 20, 20);
    const codes: number[] = [];
    for (const { socket } of all) void socket.closed.then(({ code }) => codes.push(code));
    await until(() => codes.length === 15);
    expect(new Set(codes)).toEqual(new Set([1013]));
    expect(server.app.rooms.census.peers).toBe(5);
  });

  test('one who comes back to its own place takes up no second one while that is written', async () => {
    const redis = `redis://127.0.0.1:${await slowed((await startRedis()).port, 200)}`;
    const [server] = (await instances(redis, 1, { MAX_PEERS: '2' })) as [TestServer];
    const a = await joinV1(server, 'r', 'a');
    const { known } = server.app.rooms;
    await until(() => known.get('r')!.writer.idle);
    const back = joinV1(server, 'r', 'a', { seat: a.welcome.seat });
    await until(() => !known.get('r')!.writer.idle);
    expect((await socket(server, '/ws/other/b').next()).type).toBe('peers');
    expect((await back).welcome.resumed).toBe(true);
  });

  test('of 40 peers a room for ten seats exactly ten, and closes the others with 4402', async () => {
    const servers = await instances((await startRedis()).url, 3, { MAX_PEERS_PER_ROOM: '10' });
    const all = joinAll(servers, 40, 1);
    const codes: number[] = [];
    for (const { socket } of all) void socket.closed.then(({ code }) => codes.push(code));
    await until(() => codes.length === 30);
    expect(new Set(codes)).toEqual(new Set([4402]));
    const seated = all.filter(({ socket }) => socket.ws.readyState === socket.ws.OPEN);
    await agreed(
      servers,
      'room-0',
      seated.map(({ peer }) => peer),
    );
    expect(servers.reduce((sum, { app }) => sum + app.rooms.census.peers, 0)).toBe(10);
  });
});
