/**
 * Looks for what is not given back: many joins and leaves, after which the server's heap must be where it was,
 * and then mixed load for a while, during which it must stay flat. `npm run soak`; SOAK_JOINS (a million) and
 * SOAK_SECONDS (600) make it shorter. Exit code 1 if memory grew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ProbedServer } from './server-process.ts';

const joins = Number(process.env.SOAK_JOINS ?? 1_000_000);
const seconds = Number(process.env.SOAK_SECONDS ?? 600);
/** Clients at a time. */
const AT_ONCE = 64;
/** What the heap may have more at the end, bytes: code that was compiled and tables that grew, once. */
const MAY_GROW = 2 * 1024 * 1024;

const server = await ProbedServer.start({ GRACE_SECONDS: '1', CHAT_HISTORY: '5' });
const url = `ws://127.0.0.1:${server.port}/ws`;

/** A client that has joined; resolves with its first frame. */
async function join(room: string, peer: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/${room}/${peer}`, protocols);
  await new Promise((resolve, reject) => {
    socket.once('message', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return socket;
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve();
    else socket.once('close', () => resolve());
  });
}

/** One client's visit: it says something, and leaves in one of the ways in which clients do. */
async function visit(n: number): Promise<void> {
  const socket = await join(`room-${n % 50}`, `peer-${n}`, n % 4 === 0 ? ['record-meet.v1'] : []);
  if (n % 3 === 0) socket.send('{"type":"chat","data":"hello"}');
  if (n % 5 === 0) socket.send('not JSON');
  if (n % 7 === 0) socket.terminate();
  else socket.close(1000);
  await closed(socket);
}

async function visits(from: number, count: number): Promise<void> {
  let next = from;
  const one = async () => {
    while (next < from + count) await visit(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** The heap once everybody has gone, the last ones' grace included. */
async function settled(): Promise<number> {
  for (;;) {
    const stats = await fetch(`http://127.0.0.1:${server.port}/stats`);
    const { totalPeers } = (await stats.json()) as { totalPeers: number };
    if (totalPeers === 0) break;
    await delay(100);
  }
  const { heap, external, rss } = await server.usage();
  const mb = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  console.log(`heap ${mb(heap)} MB, buffers ${mb(external)} MB, resident ${mb(rss)} MB`);
  return heap + external;
}

let grew = false;
function judge(what: string, before: number, after: number): void {
  const kb = Math.round((after - before) / 1024);
  console.log(`${what}: ${kb >= 0 ? '+' : ''}${kb} KiB`);
  if (after - before > MAY_GROW) grew = true;
}

// The first ones fill the histories of the rooms, and tables and caches that stay.
const first = Math.max(2_000, Math.round(joins / 20));
await visits(0, first);
const before = await settled();
await visits(first, joins);
judge(`${joins} joins and leaves`, before, await settled());

/** Relays, chats and presence of pairs that stay, while others come and go. */
async function mixed(until: number): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const all = [await join(`pair-${n}`, 'a'), await join(`pair-${n}`, 'b', ['record-meet.v1'])];
      return all as [WebSocket, WebSocket];
    }),
  );
  const sdp = 'a=rtpmap:111 opus/48000/2\r\n'.repeat(50);
  for (let n = first + joins; performance.now() < until; n += 20) {
    for (const [a, b] of pairs) {
      a.send(JSON.stringify({ type: 'offer', to: 'b', data: { sdp } }));
      b.send(JSON.stringify({ type: 'ice', to: 'a', id: `${n}`, data: { candidate: 'x' } }));
      b.send(JSON.stringify({ type: 'state', data: { hand: n % 2 === 0 } }));
      a.send(JSON.stringify({ type: 'chat', data: `message ${n}` }));
    }
    await visits(n, 20);
  }
  for (const socket of pairs.flat()) socket.close(1000);
  await Promise.all(pairs.flat().map(closed));
}

const ROUNDS = 5;
const heaps: number[] = [];
for (let round = 0; round <= ROUNDS; round++) {
  await mixed(performance.now() + (seconds * 1000) / (ROUNDS + 1));
  heaps.push(await settled());
}
judge(`${seconds} s of mixed load, after the first round`, heaps[0]!, heaps.at(-1)!);
await server.stop();
if (grew) {
  console.error('Memory grew.');
  process.exitCode = 1;
}
