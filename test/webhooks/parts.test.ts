import { describe, expect, test } from 'vitest';
import type { Happening } from '../../src/rooms/happening.ts';
import { backoff } from '../../src/webhooks/backoff.ts';
import { keyOf, sign } from '../../src/webhooks/signature.ts';
import { Webhooks } from '../../src/webhooks/webhooks.ts';
import { until } from '../helper.ts';
import { Receiver, WEBHOOK_SECRET } from './receiver.ts';

test('a signature is the one of the published example of Standard Webhooks', () => {
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
  const signature = sign(keyOf(WEBHOOK_SECRET), id, 1614265330, '{"test": 2432232314}');
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  expect(keyOf('a plain text').toString()).toBe('a plain text');
});

test('pauses double to a minute, with full jitter', () => {
  expect([1, 2, 3, 8, 50].map((tries) => backoff(tries, 1))).toEqual([500, 1_000, 2_000, 60_000, 60_000]);
  expect(backoff(3, 0)).toBe(0);
});

describe('the queue', () => {
  const happening = (n: number): Happening => ({
    type: 'peer.joined',
    room: `room-${n % 50}`,
    entry: {
      id: `p${n}`,
      n,
      session: `s${n}`,
      dialect: 'plain',
      instance: 'i',
      conn: `i.${n}`,
      at: n,
      away: 0,
      state: '{}',
      shown: 0,
      evicted: [],
    },
  });

  test('holds so many and drops more, tells the log once, and delivers the rest in order', async () => {
    const receiver = await new Receiver().start();
    const lines: object[] = [];
    const log = { warn: (fields: object) => void lines.push(fields) };
    const webhooks = new Webhooks(receiver.url, keyOf(WEBHOOK_SECRET), log, 250);
    for (let n = 0; n < 300; n++) webhooks.add(happening(n));
    expect(webhooks.waiting).toBe(250);
    expect(webhooks.counts.dropped).toBe(50);
    expect(lines).toEqual([{ count: 1, reason: 'too many wait' }]);
    await until(() => webhooks.counts.delivered === 250);
    const ofOne = receiver.all.filter(({ body }) => body.room === 'room-7').map(({ body }) => body.peer);
    expect(ofOne).toEqual(['p7', 'p57', 'p107', 'p157', 'p207']);
    expect(webhooks.waiting).toBe(0);
    await webhooks.close(1_000);
  });

  test('closes at once where nothing waits, and takes nothing more', async () => {
    const webhooks = new Webhooks('http://127.0.0.1:1/', keyOf(WEBHOOK_SECRET), { warn: () => {} });
    await webhooks.close(1_000_000);
    webhooks.add(happening(1));
    expect([webhooks.waiting, webhooks.counts.dropped]).toEqual([0, 1]);
  });
});
