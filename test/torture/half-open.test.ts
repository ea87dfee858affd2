import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../helper.ts';
import { torture } from './scene.ts';

const SHORT = { HEARTBEAT_SECONDS: '0.3', HEARTBEAT_TIMEOUT_SECONDS: '0.3' };

test('half-open peers, who answer no ping, are removed, and the others get peer-left for each', async () => {
  await torture(SHORT, async ({ raw, join }) => {
    const watcher = await join('room', 'watcher');
    const alive = await raw('room', 'alive');
    const dead = await Promise.all([1, 2, 3, 4, 5].map((i) => raw('room', `dead-${i}`)));
    for (const each of dead) each.answers = false;
    for (const { closed } of dead) expect((await closed).code).toBe(1006);
    const left = [];
    while (left.length < 5) left.push((await watcher.nextOf('peer-left')).data);
    expect(left.sort()).toEqual(['dead-1', 'dead-2', 'dead-3', 'dead-4', 'dead-5']);
    // Who answers stays, over many more pings.
    await until(() => alive.pings > 5);
    expect((await watcher.flush()).filter(({ type }) => type === 'peer-left')).toEqual([]);
    watcher.send({ type: 'peers' });
    expect((await watcher.next()).data).toEqual(['watcher', 'alive']);
  });
});

test('a peer whose network swallows everything is removed, although its socket never ends', async () => {
  await torture(SHORT, async ({ raw, join }) => {
    const watcher = await join('room', 'watcher');
    const swallowed = await raw('room', 'swallowed');
    swallowed.socket.pause();
    expect((await watcher.nextOf('peer-left')).data).toBe('swallowed');
  });
});

test('any message counts as a sign of life, a pong need not come', async () => {
  await torture(SHORT, async ({ raw, server }) => {
    const talker = await raw('room', 'talker');
    talker.answers = false;
    const timer = setInterval(() => talker.send({ type: 'ping' }), 40);
    onTestFinished(() => clearInterval(timer));
    await until(() => talker.pings >= 5);
    expect(server.app.rooms.known.find('room', 'talker')).toBeDefined();
    clearInterval(timer);
    expect((await talker.closed).code).toBe(1006);
  });
});

test('an event loop that was held up for longer than heartbeat and time-out together ends nobody', async () => {
  await torture(SHORT, async ({ server, join }) => {
    // A client on a thread of its own: it answers while this one is held up.
    const source = `
      const { parentPort, workerData } = require('node:worker_threads');
      const socket = new (require('ws').WebSocket)(workerData);
      socket.on('message', () => parentPort.postMessage('joined'));
      socket.on('ping', () => parentPort.postMessage('pinged'));
      socket.on('close', (code) => parentPort.postMessage('closed ' + code));
      socket.on('error', () => {});
      parentPort.on('message', () => socket.terminate());
    `;
    const url = `ws://127.0.0.1:${server.port}/ws/room/distant`;
    const worker = new Worker(source, { eval: true, workerData: url });
    onTestFinished(async () => void (await worker.terminate()));
    let told: string[] = [];
    const closed: string[] = [];
    worker.on('message', (text: string) => (text.startsWith('closed') ? closed : told).push(text));
    await until(() => told.includes('joined'));
    const watcher = await join('room', 'watcher');
    for (let i = 0; i < 3; i++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
      told = [];
      await until(() => told.filter((text) => text === 'pinged').length >= 2);
    }
    expect(closed).toEqual([]);
    expect(await watcher.flush()).toEqual([]);
    worker.postMessage('terminate');
    await once(worker, 'message');
  });
});
