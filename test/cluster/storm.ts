import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Frame, join, type TestServer, until } from '../helper.ts';
import { admin } from './instances.ts';
import type { RedisServer } from './redis-server.ts';

/** Messages of each kind that a peer sends in a storm. */
const EACH = 500;

/**
 * One peer on each instance sends a thousand numbered messages, relays to the next one and chats to all by
 * turns: each has to arrive once, in the order of sending.
 *
 * @returns how many messages arrived
 */
export async function storm(servers: TestServer[], room: string): Promise<number> {
  const count = servers.length;
  const peers = await Promise.all(servers.map((server, n) => join(server, room, `p${n}`)));
  await until(() => servers.every(({ app }) => app.rooms.known.get(room)?.room.peers.size === count));
  const heard: Frame[][] = peers.map(() => []);
  for (const [at, peer] of peers.entries()) {
    for (let n = 0; n < EACH; n++) {
      peer.send({ type: 'ice', to: `p${(at + 1) % count}`, data: 2 * n });
      peer.send({ type: 'chat', data: 2 * n + 1 });
    }
  }
  const all = EACH + count * EACH;
  await Promise.all(
    peers.map(async (peer, at) => {
      while (heard[at]!.length < all) {
        const frame = await peer.next();
        if (frame.type === 'ice' || frame.type === 'chat') heard[at]!.push(frame);
        else if (frame.type === 'error') expect.unreachable(JSON.stringify(frame));
      }
    }),
  );
  for (const [at, peer] of peers.entries()) {
    const more = (await peer.flush()).filter(({ type }) => type === 'ice' || type === 'chat');
    check([...heard[at]!, ...more], at, count);
  }
  return heard.flat().length;
}

function check(frames: Frame[], at: number, count: number): void {
  const chats = frames.filter(({ type }) => type === 'chat');
  expect(chats.map(({ seq }) => seq)).toEqual(Array.from({ length: count * EACH }, (_, n) => n + 1));
  for (let from = 0; from < count; from++) {
    // Between a relay and a chat of one sender the order counts, too.
    const numbers = frames.filter((frame) => frame.from === `p${from}`).map(({ data }) => data);
    const step = (from + 1) % count === at ? 1 : 2;
    const expected = Array.from({ length: (2 * EACH) / step }, (_, n) => step * n + (step - 1));
    expect(numbers, `from p${from} to p${at}`).toEqual(expected);
  }
}

/** Cuts all connections to these, again and again while `work` goes on. @returns how many it were */
export async function cutting(servers: RedisServer[], work: () => Promise<unknown>): Promise<number> {
  const commands = await Promise.all(servers.map(admin));
  let going = true;
  let killed = 0;
  const done = work().finally(() => {
    going = false;
  });
  done.catch(() => {}); // awaited in the end
  while (going) {
    const counts = await Promise.all(commands.map((command) => command('CLIENT', 'KILL', 'TYPE', 'normal')));
    killed += counts.reduce<number>((sum, count) => sum + Number(count), 0);
    await delay(250); // what is cut has to be up again for a while, or nothing is done within its second
  }
  await done;
  return killed;
}
