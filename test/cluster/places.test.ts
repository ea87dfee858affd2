import { expect, test, vi } from 'vitest';
import { takeNote } from '../../src/rooms/notes.ts';
import { enter, mint, REMOVED, REQUIRED, tryToken } from '../auth/mint.ts';
import { build, describeWith, join, socket, type TestServer, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { rawJoin } from '../process-helper.ts';
import { relay } from '../relay.ts';
import { joinV1 } from '../v1/v1.ts';
import { admin, instances, NO_RATES } from './instances.ts';
import { startRedis } from './redis-server.ts';

/** Three instances with a witness of each dialect on the third. */
async function scene(env: Record<string, string> = {}) {
  const redis = await startRedis();
  const [one, two, three] = (await instances(redis.url, 3, env)) as [TestServer, TestServer, TestServer];
  const witnesses = [await join(three, 'r', 'plain'), await joinV1(three, 'r', 'v1')];
  await witnesses[0]!.flush();
  /** What each of them has heard since the last time, rosters aside. */
  const heard = async () => {
    await settled([one, two, three]);
    const frames = await Promise.all(witnesses.map((witness) => witness.flush()));
    return frames.map((all) => all.filter(({ type }) => type !== 'peers').map((f) => `${f.type} ${f.data}`));
  };
  return { redis, one, two, three, witnesses, heard };
}

/** Waits until all instances have written the same version of the room. */
async function settled(servers: TestServer[]): Promise<void> {
  await until(() => {
    const places = servers.flatMap(({ app }) => app.rooms.known.get('r') ?? []);
    return places.every(({ room, writer }) => writer.idle && room.version === places[0]!.room.version);
  });
}

describeWith('redis', 'who sits on a peer id, over several instances', () => {
  test('a stranger does not push a living peer of another instance out', async () => {
    const { one, two, heard } = await scene();
    const a = await join(one, 'r', 'a');
    expect(await heard()).toEqual([['new-peer a'], ['new-peer a']]);
    const stranger = socket(two, '/ws/r/a');
    expect((await stranger.closed).code).toBe(4509);
    expect((await a.flush()).filter(({ type }) => type !== 'peers')).toEqual([]);
    expect(await heard()).toEqual([[], []]);
  });

  test('nor one of an instance that has not been heard of yet', async () => {
    const { one, two } = await scene();
    await join(one, 'r', 'a');
    Object.assign(two.app.cluster, { members: [] }); // until the next beat
    expect((await socket(two, '/ws/r/a').closed).code).toBe(4509);
  });

  test('an instance forgets the others with the last of its own peers in their room', async () => {
    const { one } = await scene();
    const a = await join(one, 'r', 'a');
    expect([...one.app.rooms.census.holders]).toHaveLength(2);
    a.ws.close();
    await until(() => one.app.rooms.known.get('r') === undefined);
    expect([...one.app.rooms.census.holders]).toEqual([]);
  });

  test('an inbox that was lost alone is made again, and what it missed is read', async () => {
    const { redis, one, two } = await scene();
    const a = await join(one, 'r', 'a');
    const command = await admin(redis);
    const { instance } = one.app.cluster;
    await command('DEL', String(((await command('KEYS', `*inbox*${instance}*`)) as string[])[0]));
    await join(two, 'r', 'b');
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'b' });
    a.send({ type: 'ping' });
    await join(two, 'r', 'c');
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'c' });
  });

  test('a stranger takes the place of a dead peer of another instance', async () => {
    const { one, two, heard } = await scene();
    const dead = await rawJoin(one, '/ws/r/a'); // never answers a ping
    expect(await heard()).toEqual([['new-peer a'], ['new-peer a']]);
    const stranger = socket(two, '/ws/r/a');
    expect((await stranger.next()).data).toEqual(['plain', 'v1', 'a']);
    const change = ['peer-left a', 'new-peer a'];
    expect(await heard()).toEqual([change, change]);
    dead.resume();
    await until(() => dead.closed);
    expect(await heard()).toEqual([[], []]);
  });

  test('a seat moves its place to another instance, and the others see nothing of it', async () => {
    const { one, two, heard } = await scene();
    const a = await joinV1(one, 'r', 'a');
    // A state that is shown before that would come with it.
    expect(await heard()).toEqual([['new-peer a'], ['new-peer a']]);
    a.send({ type: 'state', data: { name: 'Ada' } });
    // It comes by another way than what is written.
    const told: string[] = [];
    await until(async () => told.push(...(await heard())[1]!) > 0);
    expect(told).toEqual(['state [object Object]']);
    const again = await joinV1(two, 'r', 'a', { seat: a.welcome.seat });
    expect((await a.closed).code).toBe(4510);
    expect(again.welcome).toMatchObject({ id: a.welcome.id, resumed: true });
    expect(again.welcome.peers.find(({ id }) => id === 'a')?.state).toEqual({ name: 'Ada' });
    expect(await heard()).toEqual([[], []]);
    again.send({ type: 'offer', to: 'plain', data: 1 });
    again.send({ type: 'offer', to: 'v1', data: 1 });
    await again.flush();
    const offers = [0, 0];
    await until(async () => {
      for (const [at, each] of (await heard()).entries()) if (each.includes('offer 1')) offers[at]!++;
      return offers.every((count) => count > 0);
    });
  });

  test('a token moves a place too; another session is one who left and one who came', async () => {
    const { one, two, heard } = await scene({ AUTH: 'optional', JWT_SECRET: REQUIRED.JWT_SECRET });
    const token = await mint('a');
    const a = await joinV1(one, 'r', 'a', { token });
    expect(await heard()).toEqual([['new-peer a'], ['new-peer a']]);
    const again = await joinV1(two, 'r', 'a', { token });
    expect((await a.closed).code).toBe(4510);
    expect(again.welcome.id).not.toBe(a.welcome.id);
    const change = ['peer-left a', 'new-peer a'];
    expect(await heard()).toEqual([change, change]);
  });

  test('of two that claim a place of theirs while the room is being written one gets it, the other is replaced', async () => {
    const [one] = (await instances((await startRedis()).url, 1, REQUIRED)) as [TestServer];
    const { cluster, rooms } = one.app;
    const host = await enter(one, await mint('host'), 'host');
    const write = Promise.withResolvers<void>();
    const commit = cluster.commit.bind(cluster);
    const held = vi.spyOn(cluster, 'commit').mockImplementationOnce(async (what) => {
      await write.promise;
      return commit(what);
    });
    tryToken(one, await mint('other'), 'other');
    await until(() => held.mock.calls.length === 1);
    const claims = vi.spyOn(rooms.known, 'enter');
    const token = await mint('a');
    const both = [tryToken(one, token, 'a'), tryToken(one, token, 'a')];
    await until(() => claims.mock.calls.length === 2);
    write.resolve();
    const first = await Promise.race(both.map(({ closed }) => closed));
    expect(first).toEqual({ code: 4510, reason: 'replaced' });
    const [kept] = both.filter(({ ws }) => ws.readyState === ws.OPEN);
    expect(await kept!.next()).toMatchObject({ type: 'peers', data: ['host', 'other', 'a'] });
    const came = (await host.flush()).filter(({ type }) => type === 'new-peer');
    expect(came.map(({ data }) => data)).toEqual(['other', 'a']);
  });

  test('a host removes a peer of another instance, and its token is refused on each of them', async () => {
    const servers = await instances((await startRedis()).url, 3, REQUIRED);
    const [one, two, three] = servers as [TestServer, TestServer, TestServer];
    const token = await mint('b');
    const b = tryToken(one, token, 'b');
    await b.next();
    const host = tryToken(two, await mint('host', { host: true }), 'host');
    await host.next();
    host.send({ type: 'remove', to: 'b' });
    expect(await b.closed).toEqual(REMOVED);
    expect(await host.nextOf('peer-left')).toMatchObject({ data: 'b' });
    for (const server of servers) expect(await tryToken(server, token, 'b').closed).toEqual(REMOVED);
    // A token counts whole seconds: this one is of a later one.
    const removedAt = Math.floor(Date.now() / 1000);
    await until(() => Date.now() / 1000 >= removedAt + 1);
    expect(await tryToken(three, await mint('b'), 'b').next()).toMatchObject({ data: ['host', 'b'] });
  });

  test('states and the chat that was missed are there on another instance', async () => {
    const { one, two, three } = await scene();
    const a = await joinV1(one, 'r', 'a');
    const b = await joinV1(two, 'r', 'b');
    b.send({ type: 'state', data: { hand: true } });
    for (const n of [1, 2, 3]) b.send({ type: 'chat', data: n });
    for (const n of [1, 2, 3]) expect(await a.nextOf('chat')).toMatchObject({ seq: n, data: n });
    a.ws.terminate();
    for (const n of [4, 5]) b.send({ type: 'chat', data: n });
    await b.flush();
    const { seat, chatLog: log } = a.welcome;
    const again = await joinV1(three, 'r', 'a', { seat, since: 3, log });
    expect(again.welcome.resumed).toBe(true);
    expect(again.welcome.chat!.complete).toBe(true);
    // What its new instance has not heard of yet comes behind the welcome: each once, in order.
    const missed = [...again.welcome.chat!.messages];
    while (missed.length < 2) missed.push(await again.nextOf('chat'));
    expect(missed).toMatchObject([{ seq: 4 }, { seq: 5 }]);
    expect((await again.flush()).filter(({ type }) => type === 'chat')).toEqual([]);
    expect(again.welcome.peers.find(({ id }) => id === 'b')?.state).toEqual({ hand: true });
  });

  test('states that come one upon the other reach those elsewhere once each, in order', async () => {
    const { one, two } = await scene();
    const a = await joinV1(one, 'r', 'a');
    const b = await joinV1(two, 'r', 'b');
    await a.nextOf('new-peer');
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    for (const n of numbers) a.send({ type: 'state', data: { n } });
    for (const n of numbers) expect(await b.next()).toMatchObject({ type: 'state', data: { n } });
    // Not when what was written in between is read, either.
    await until(async () => {
      const entry = (await one.app.cluster.read('r')).entries.get('a');
      return entry?.state === '{"n":49}';
    });
    // Such a record is seldom read late enough, so it is made here.
    const { room } = two.app.rooms.known.get('r')!;
    const behind = { ...room.peers.get('a')!.entry, state: '{"n":3}', shown: 4 };
    room.apply(new Map([['a', { entry: behind, code: undefined }]]));
    a.send({ type: 'state', data: { last: true } });
    expect(await b.next()).toMatchObject({ type: 'state', data: { last: true } });
  });

  test('who comes back has seen more of the chat than its new instance: that catches up, and nothing is told twice', async () => {
    const { one, two } = await scene();
    const a = await joinV1(one, 'r', 'a');
    const b = await joinV1(two, 'r', 'b');
    await a.nextOf('new-peer');
    // As if it died after the messages were numbered, and before it told the others.
    vi.spyOn(one.app.cluster, 'send').mockResolvedValue();
    for (const n of [1, 2]) a.send({ type: 'chat', data: n });
    for (const seq of [1, 2]) expect(await a.nextOf('chat')).toMatchObject({ seq });
    const { seat, chatLog: log } = a.welcome;
    const again = await joinV1(two, 'r', 'a', { seat, since: 2, log });
    expect(again.welcome.chat).toEqual({ messages: [], complete: true });
    for (const seq of [1, 2]) expect(await b.nextOf('chat')).toMatchObject({ seq, data: seq });
    b.send({ type: 'chat', data: 3 });
    for (const each of [again, b]) expect(await each.nextOf('chat')).toMatchObject({ seq: 3, data: 3 });
  });

  test('who comes back has seen more of the chat than an instance without Redis: it is believed, until that catches up', async () => {
    const redis = await startRedis();
    let port = redis.port;
    const way = await relay(() => port);
    const one = await build({ ...NO_RATES, REDIS_URL: redis.url });
    const two = await build({ ...NO_RATES, REDIS_URL: `redis://127.0.0.1:${way.port}` });
    await until(() => [one, two].every(({ app }) => app.cluster.members.length === 2));
    const a = await joinV1(one, 'r', 'a');
    const b = await joinV1(two, 'r', 'b');
    await a.nextOf('new-peer');
    a.send({ type: 'chat', data: 1 });
    for (const each of [a, b]) expect(await each.nextOf('chat')).toMatchObject({ seq: 1 });
    port = await freePort();
    way.cut();
    await until(() => two.app.cluster.state === 'down');
    a.send({ type: 'chat', data: 2 });
    expect(await a.nextOf('chat')).toMatchObject({ seq: 2 });
    const { seat, chatLog: log } = a.welcome;
    const again = await joinV1(two, 'r', 'a', { seat, since: 2, log });
    expect(again.welcome).toMatchObject({
      resumed: true,
      chatLog: log,
      chat: { messages: [], complete: true },
    });
    port = redis.port;
    expect(await b.nextOf('chat')).toMatchObject({ seq: 2, data: 2 });
    b.send({ type: 'chat', data: 3 });
    expect(await b.nextOf('chat')).toMatchObject({ seq: 3, data: 3 });
    const seqs = (await again.flush()).flatMap(({ type, seq }) => (type === 'chat' ? [seq] : []));
    // What it has seen comes once more, under its number.
    expect(seqs).toEqual([2, 3]);
  });

  test('the numbers of the chat have no gaps and no repeats, whoever sends from wherever', async () => {
    const servers = await instances((await startRedis()).url);
    const peers = await Promise.all(servers.map((server, n) => join(server, 'r', `p${n}`)));
    for (const peer of peers) for (let n = 0; n < 100; n++) peer.send({ type: 'chat', data: n });
    for (const peer of peers) {
      const next = new Map(peers.map((_, n) => [`p${n}`, 0]));
      let seq = 0;
      while (seq < 300) {
        const chat = await peer.nextOf('chat');
        expect(chat.seq).toBe(++seq);
        expect(chat.data).toBe(next.get(chat.from));
        next.set(chat.from, (chat.data as number) + 1);
      }
    }
  });

  test('a chat message that is sent again on another instance is not numbered twice', async () => {
    const { one, two, witnesses } = await scene();
    const a = await joinV1(one, 'r', 'a');
    a.send({ type: 'chat', data: 'once', id: 'c1' });
    const echo = await a.nextOf('chat');
    a.ws.terminate();
    const again = await joinV1(two, 'r', 'a', { seat: a.welcome.seat, since: 0, log: a.welcome.chatLog });
    again.send({ type: 'chat', data: 'once', id: 'c1' });
    expect(await again.nextOf('chat')).toEqual(echo);
    again.send({ type: 'chat', data: 'next', id: 'c2' });
    expect(await again.nextOf('chat')).toMatchObject({ seq: 2 });
    for (const witness of witnesses) {
      expect(await witness.nextOf('chat')).toMatchObject({ data: 'once', seq: 1 });
      expect(await witness.nextOf('chat')).toMatchObject({ data: 'next', seq: 2 });
    }
  });

  test('a removal follows a peer that has moved on to another instance', async () => {
    const { one, two, heard } = await scene();
    await joinV1(one, 'r', 'other'); // so that both instances know the room
    const other = await joinV1(two, 'r', 'another');
    const before = await joinV1(one, 'r', 'b');
    const after = await joinV1(two, 'r', 'b', { seat: before.welcome.seat });
    await before.closed;
    await heard();
    const session = after.welcome.id;
    takeNote(one.app.rooms, { is: 'remove', room: 'r', peer: 'b', session }, two.app.cluster.instance);
    expect(await after.closed).toEqual({ code: 4511, reason: 'removed' });
    expect(await other.nextOf('peer-left')).toMatchObject({ data: 'b' });
  });

  test('an instance whose peers have moved away leaves nothing behind', async () => {
    const redis = await startRedis();
    const [one] = (await instances(redis.url, 2)) as [TestServer];
    const leaving = await build({ ...NO_RATES, REDIS_URL: redis.url });
    await until(() => one.app.cluster.members.length === 3);
    const witness = await joinV1(one, 'r', 'witness');
    const a = await joinV1(leaving, 'r', 'a');
    expect(await witness.next()).toMatchObject({ type: 'new-peer' });
    await joinV1(one, 'r', 'a', { seat: a.welcome.seat });
    await a.closed;
    await leaving.app.close();
    await until(() => one.app.cluster.members.length === 2);
    expect(await witness.flush()).toEqual([]);
  });
});
