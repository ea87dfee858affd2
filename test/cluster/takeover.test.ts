import { expect, test } from 'vitest';
import { build, describeWith, join, type TestServer, until } from '../helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { admin, instances } from './instances.ts';
import { startRedis } from './redis-server.ts';

/** Where an instance keeps what all of them know. */
const KEYS = {
  room: 'record-meet:room:{r}',
  instances: 'record-meet:instances',
  roomsOfGhost: 'record-meet:rooms:ghost',
};

/** A room as an instance named "ghost" has left it, with a peer of the same name. */
const ENTRY = JSON.stringify([1, 'session', 'plain', 'ghost', 'ghost.1', 0, 0, '{}', []]);
const ROOM = ['HSET', KEYS.room, '#v', 'ghost.1', '#b', 'life', '#c', '0', '#i', 'ghost', 'pghost', ENTRY];

describeWith('redis', 'peers of an instance that is no more', () => {
  test('one that died before it could say in which room it has peers is taken over by who joins it', async () => {
    const redis = await startRedis();
    const command = await admin(redis);
    await command(...ROOM);
    const [one, two] = (await instances(redis.url, 2)) as [TestServer, TestServer];
    const [a, b] = [await joinV1(one, 'r', 'a'), await joinV1(two, 'r', 'b')];
    expect(a.data).toEqual(['ghost', 'a']);
    expect(b.data).toEqual(['ghost', 'a', 'b']);
    expect(await a.next()).toMatchObject({ type: 'new-peer' });
    for (const each of [a, b]) expect(await each.next()).toMatchObject({ type: 'peer-left', data: 'ghost' });
    for (const each of [a, b]) expect(await each.flush()).toEqual([]);
  });

  test('a takeover that could not be written is tried again until it is', async () => {
    const redis = await startRedis();
    const command = await admin(redis);
    const figures = JSON.stringify({ peers: 1, away: 0, rooms: 1 });
    await command('HSET', KEYS.instances, 'ghost', `0 ${figures}`);
    await command('SADD', KEYS.roomsOfGhost, 'r');
    await command('SET', KEYS.room, 'no room at all: whoever wants to write it gets an error');
    const one = await build({ REDIS_URL: redis.url });
    await until(() => one.logs.some(({ msg }) => msg === 'not taken over yet'));
    expect(await command('EXISTS', KEYS.roomsOfGhost)).toBe(1);
    await command('DEL', KEYS.room);
    await command(...ROOM);
    const a = await join(one, 'r', 'a');
    expect(await a.nextOf('peer-left')).toMatchObject({ data: 'ghost' });
    await until(async () => (await command('EXISTS', KEYS.roomsOfGhost)) === 0);
    await until(() => one.app.cluster.members.every(({ instance }) => instance !== 'ghost'));
  });
});
