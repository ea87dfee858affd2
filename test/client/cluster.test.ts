import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { drain } from '../../src/rooms/drain.ts';
import { agreed, instances, NO_RATES, processes, slowed, stats } from '../cluster/instances.ts';
import { startRedis } from '../cluster/redis-server.ts';
import { describeWith, type TestServer, until } from '../helper.ts';
import { own } from '../own.ts';
import { freePort } from '../ports.ts';
import { type ServerProcess, start, tempFolder } from '../process-helper.ts';
import { Caller } from './caller.ts';

/** HAProxy in front of these ports, which hands each new connection to the next one that is healthy. */
async function balance(ports: number[]): Promise<number> {
  const port = await freePort();
  const config = `
global
  maxconn 1000
defaults
  mode http
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  option redispatch 1
  retries 2
  retry-on conn-failure empty-response
listen signaling
  bind 127.0.0.1:${port}
  balance roundrobin
  option httpchk GET /health
  default-server check inter 500ms fall 1 rise 1
${ports.map((one) => `  server s${one} 127.0.0.1:${one}`).join('\n')}
`;
  const file = join(tempFolder(), 'haproxy.cfg');
  writeFileSync(file, config);
  const child = own(spawn('/usr/sbin/haproxy', ['-db', '-q', '-f', file], { stdio: 'ignore' }));
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.ok);
  return port;
}

describeWith('redis', 'clients of the library on several instances', () => {
  test('kill -9 with 200 peers in the middle of setting calls up: every signal and chat arrives once, nobody is seen to leave', async () => {
    const [doomed, ...others] = (await processes()) as [ServerProcess, ServerProcess, ServerProcess];
    let turn = 0;
    let dead = false;
    const survivor = () => others[turn++ % 2]!.port;
    const rooms = Array.from({ length: 40 }, (_, r) =>
      Array.from({ length: 7 }, (_, n) => {
        const isDoomed = n < 5;
        return new Caller(() => (isDoomed && !dead ? doomed.port : survivor()), `r${r}`, `p${n}`);
      }),
    );
    const all = rooms.flat();
    await Promise.all(all.map(({ room }) => room.joined));
    await until(() => all.every(({ room }) => room.peers.length === 6));
    for (const caller of all) caller.chat(`before ${caller.room.peerId}`);
    dead = true;
    doomed.kill('SIGKILL');
    for (const caller of all) caller.chat(`after ${caller.room.peerId}`);
    await Promise.all(all.map((caller) => caller.settled()));
    const chats = rooms[0]!.flatMap(({ room: { peerId } }) => [`after ${peerId}`, `before ${peerId}`]).sort();
    await until(() => all.every((caller) => caller.chats.length >= chats.length));
    await until(() => all.every(({ room }) => room.peers.every(({ status }) => status === 'here')));
    for (const room of rooms) {
      const ids = room.map((caller) => caller.room.peerId);
      for (const caller of room) {
        expect(caller.chats.toSorted()).toEqual(chats);
        for (const id of ids) if (id !== caller.room.peerId) caller.checkCallWith(id);
        const about = (event: string) => caller.heard.filter((line) => line.startsWith(event));
        expect(about('peer-joined')).toHaveLength(6);
        expect(about('peer-left')).toEqual([]);
        // Who was on a living instance is never away.
        for (const line of about('peer-away')) expect(line).toMatch(/p[0-4]$/);
      }
    }
    // The rosters agree, and the figures do once the dead one is taken over.
    await until(async () => (await stats(others[0]!)).instances.expected === 2);
    await until(async () => (await stats(others[0]!)).totalPeers === 280);
  });
});

describeWith('redis', 'a client of the library that moves', () => {
  test('it stays in the room though its old instance closes it before the new one has welcomed it', async () => {
    const servers = (await instances((await startRedis()).url, 2)) as [TestServer, TestServer];
    const [old, next] = servers;
    const slow = await slowed(next.port, 1_000);
    const ports = [old.port, slow];
    const mover = new Caller(() => ports.shift() ?? next.port, 'r', 'mover');
    await mover.room.joined;
    const witness = new Caller(() => next.port, 'r', 'witness');
    await agreed(servers, 'r', ['mover', 'witness']);
    await until(() => mover.room.peers.length === 1);
    await Promise.all([mover.settled(), witness.settled()]);
    const statuses: string[] = [];
    mover.room.on('status', (status) => statuses.push(status));
    await Promise.all([drain(old.app.rooms, 5), until(() => statuses.includes('connected'))]);
    expect(statuses).toEqual(['reconnecting', 'connected']);
    mover.chat('still here');
    await mover.settled();
    expect(mover.heard).toEqual(['peer-joined witness']);
    expect(witness.heard).toEqual(['peer-joined mover']);
    expect(ports).toEqual([]);
  });
});

describeWith('haproxy', 'clients of the library behind HAProxy', () => {
  test('a rolling restart of three instances under load: nobody is seen to leave, everything arrives once', async () => {
    const { url } = await startRedis();
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const env = { ...NO_RATES, REDIS_URL: url, DRAIN_SECONDS: '4', CHAT_HISTORY: '1000' };
    const begin = (port: number) => start({ ...env, FIBER_PORT: String(port) });
    const servers = await Promise.all(ports.map(begin));
    for (const server of servers) await until(async () => (await stats(server)).instances.heard === 3);
    const proxy = await balance(ports);
    const rooms = Array.from({ length: 6 }, (_, r) =>
      Array.from({ length: 5 }, (_, n) => new Caller(() => proxy, `r${r}`, `p${n}`)),
    );
    const all = rooms.flat();
    await Promise.all(all.map(({ room }) => room.joined));
    await until(() => all.every(({ room }) => room.peers.length === 4));
    let n = 0;
    const load = setInterval(() => {
      all[n % all.length]!.chat(`${n}`);
      n++;
    }, 10);
    onTestFinished(() => clearInterval(load));
    for (const [at, server] of servers.entries()) {
      server.kill('SIGTERM');
      expect((await server.exited).code).toBe(0);
      servers[at] = await begin(ports[at]!);
      await until(async () => (await stats(servers[at]!)).instances.heard === 3);
    }
    clearInterval(load);
    await Promise.all(all.map((caller) => caller.settled()));
    for (const [r, room] of rooms.entries()) {
      const chats = Array.from({ length: n }, (_, i) => i).filter(
        (i) => Math.floor((i % all.length) / 5) === r,
      );
      await until(() => room.every((caller) => caller.chats.length >= chats.length));
      for (const caller of room) {
        expect(caller.chats.map(Number).toSorted((a, b) => a - b)).toEqual(chats);
        for (const {
          room: { peerId },
        } of room)
          if (peerId !== caller.room.peerId) caller.checkCallWith(peerId);
        // Not even away: they move while their old connection is still there.
        expect(caller.heard.filter((line) => !line.startsWith('peer-joined'))).toEqual([]);
      }
    }
  });
});
