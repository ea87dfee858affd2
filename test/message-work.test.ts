import { existsSync, readFileSync } from 'node:fs';
import { test as anywhere, expect, onTestFinished } from 'vitest';
import { ProbedServer } from '../bench/server-process.ts';
import { RawSocket, text, upgrade } from './torture/raw.ts';

// What the server does for a message is counted, not timed, so that it can't grow unseen: system calls that
// write, as the kernel counts them, and bytes allocated in the heap.

/** Only Linux says how often a process has written. */
const test = anywhere.skipIf(!existsSync('/proc/self/io'));

const data = {
  candidate:
    'candidate:842163049 1 udp 1677729535 203.0.113.77 50010 typ srflx raddr 192.168.1.77 rport 50010',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: 'sXP5',
};
const message = text({ type: 'ice', room: 'r', from: 'a', to: 'b', data });

/** Write calls of a process so far. */
function writes(pid: number): number {
  return Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))![1]);
}

async function peers(count: number): Promise<{ server: ProbedServer; all: RawSocket[] }> {
  const server = await ProbedServer.start();
  onTestFinished(() => server.stop());
  const all: RawSocket[] = [];
  for (let n = 0; n < count; n++) {
    const peer = new RawSocket(server.port, upgrade(`/ws/r/${String.fromCharCode(97 + n)}`));
    onTestFinished(() => void peer.socket.destroy());
    await peer.nextOf('peers');
    all.push(peer);
  }
  // All joins are through, and what they made the others hear is read.
  for (const peer of all) {
    peer.send({ type: 'ping', data: 0 });
    await peer.nextOf('pong');
  }
  return { server, all };
}

/** What `rounds` rounds cost, each. The first ones, which are compiled on the way, do not count. */
async function cost(server: ProbedServer, rounds: number, round: () => Promise<void>) {
  for (let n = 0; n < rounds; n++) await round();
  const before = await server.usage('allocated');
  const writesBefore = writes(server.child.pid!);
  for (let n = 0; n < rounds; n++) await round();
  const after = writes(server.child.pid!);
  const { allocated } = await server.usage('allocated');
  return { writes: (after - writesBefore) / rounds, bytes: (allocated - before.allocated) / rounds };
}

test('a relayed message is one write and little garbage', async () => {
  const { server, all } = await peers(2);
  const [a, b] = all as [RawSocket, RawSocket];
  const each = await cost(server, 3_000, async () => {
    a.write(message);
    await b.nextText();
  });
  expect(each.writes).toBeLessThan(1.1);
  expect(each.bytes).toBeLessThan(8_000);
});

test('sixteen messages that come together go out together', async () => {
  const { server, all } = await peers(2);
  const [a, b] = all as [RawSocket, RawSocket];
  const packet = Buffer.concat(Array(16).fill(message));
  const sixteen = await cost(server, 500, async () => {
    a.write(packet);
    for (let n = 0; n < 16; n++) await b.nextText();
  });
  expect(sixteen.writes).toBeLessThan(1.5);
  expect(sixteen.bytes / 16).toBeLessThan(3_500);
});

test('a chat to ten is ten writes, and its frame is built once', async () => {
  const { server, all } = await peers(10);
  const chat = text({ type: 'chat', data: 'x'.repeat(4_000) });
  const each = await cost(server, 300, async () => {
    all[0]!.write(chat);
    for (const peer of all) await peer.nextText();
  });
  expect(each.writes).toBeLessThan(11);
  expect(each.bytes).toBeLessThan(75_000);
});
