import { expect, test } from 'vitest';
import type { Frame, TestSocket } from '../helper.ts';
import { until } from '../helper.ts';
import { frame, PING, text } from './raw.ts';
import { torture } from './scene.ts';

/** Ids of those messages that were passed on, and of those that were refused. */
async function outcome(
  sender: TestSocket,
  receiver: TestSocket,
): Promise<{ passed: string[]; refused: string[] }> {
  // The answer to a flush may be refused, too: each flush goes on when the bucket has filled a little.
  const own: Frame[] = [];
  for (;;) {
    sender.send({ type: 'ping', data: 'end', id: 'end' });
    const frames: Frame[] = [];
    do frames.push(await sender.next());
    while (frames.at(-1)!.id !== 'end');
    own.push(...frames.slice(0, -1));
    if (frames.at(-1)!.type === 'pong') break;
  }
  const errors = own.filter(({ type, id }) => type === 'error' && id !== 'end');
  for (const { data } of errors) expect(data).toMatchObject({ code: 'rate-limited' });
  const offers = (await receiver.flush()).filter(({ type }) => type === 'offer');
  return { passed: offers.map(({ id }) => id!), refused: errors.map(({ id }) => id!) };
}

type Sent = { type: string; to: string; data: unknown; id: string };

/** Whether this message is passed on; it may have to wait until the bucket has filled a little. */
async function passes(sender: TestSocket, receiver: TestSocket, message: Sent): Promise<boolean> {
  sender.send(message);
  const { passed, refused } = await outcome(sender, receiver);
  expect([...passed, ...refused]).toEqual([message.id]);
  return passed.length === 1;
}

test('over the message rate each message that is not passed on gets rate-limited with its id, the others pass', async () => {
  await torture({ MESSAGE_RATE: '100', MESSAGE_BURST: '30' }, async ({ join }) => {
    const receiver = await join('room', 'receiver');
    const sender = await join('room', 'sender');
    const sent = Array.from({ length: 300 }, (_, i) => `${i}`);
    for (const id of sent) sender.send({ type: 'offer', to: 'receiver', data: 1, id });
    const { passed, refused } = await outcome(sender, receiver);
    expect([...passed, ...refused].toSorted()).toEqual(sent.toSorted());
    expect(passed.slice(0, 30)).toEqual(sent.slice(0, 30));
    expect(passed).toEqual(passed.toSorted((a, b) => Number(a) - Number(b)));
    expect(refused).toEqual(refused.toSorted((a, b) => Number(a) - Number(b)));
    expect(refused.length).toBeGreaterThan(0);
    // It is not closed, and has its rate again.
    await until(() => passes(sender, receiver, { type: 'offer', to: 'receiver', data: 2, id: 'again' }));
  });
});

test('over the byte rate it is the same, and small messages still pass', async () => {
  await torture({ BYTE_RATE: '20000', BYTE_BURST: '10000' }, async ({ join }) => {
    const receiver = await join('room', 'receiver');
    const sender = await join('room', 'sender');
    const sent = Array.from({ length: 60 }, (_, i) => `${i}`);
    for (const id of sent) sender.send({ type: 'offer', to: 'receiver', data: 'x'.repeat(950), id });
    const { passed, refused } = await outcome(sender, receiver);
    expect([...passed, ...refused].toSorted()).toEqual(sent.toSorted());
    expect(passed.slice(0, 9)).toEqual(sent.slice(0, 9));
    expect(refused.length).toBeGreaterThan(0);
    // A message that is over the whole burst never passes, others do.
    const big = { type: 'offer', to: 'receiver', data: 'x'.repeat(11_000), id: 'big' };
    for (let i = 0; i < 20; i++) expect(await passes(sender, receiver, big)).toBe(false);
    await until(() => passes(sender, receiver, { type: 'offer', to: 'receiver', data: 1, id: 'small' }));
    expect(await passes(sender, receiver, big)).toBe(false);
  });
});

test('each connection has a rate of its own', async () => {
  await torture({ MESSAGE_RATE: '60', MESSAGE_BURST: '50' }, async ({ join }) => {
    const [loud, quiet] = [await join('room', 'loud'), await join('room', 'quiet')];
    for (let i = 0; i < 200; i++) loud.send({ type: 'offer', to: 'quiet', data: i, id: `${i}` });
    for (let i = 0; i < 45; i++) quiet.send({ type: 'offer', to: 'loud', data: i, id: `q${i}` });
    expect((await quiet.flush()).filter(({ type }) => type === 'error')).toEqual([]);
  });
});

test('invalid messages earn rate-limited, too', async () => {
  const invalid = [
    '',
    '{',
    '[]',
    '1',
    '{"type":"x"}',
    '{"type":"offer"}',
    '{"type":"ping","id":0}',
    '\ufeff{}',
  ];
  await torture({ MESSAGE_RATE: '60', MESSAGE_BURST: '40' }, async ({ raw }) => {
    for (const message of invalid) {
      const client = await raw('room', 'peer');
      client.write(...Array(200).fill(text(message)));
      const codes = [];
      while (codes.length < 200) codes.push(((await client.nextOf('error')).data as { code: string }).code);
      expect(new Set(codes.slice(0, 40)).size, message).toBe(1);
      expect(codes[0]).not.toBe('rate-limited');
      expect(codes.filter((code) => code === 'rate-limited').length, message).toBeGreaterThan(0);
      client.socket.destroy();
      await client.closed;
    }
  });
});

test('ping frames within the rate are each answered, be they all in one packet', async () => {
  await torture({}, async ({ raw }) => {
    const client = await raw('room', 'peer');
    const sent = Array.from({ length: 300 }, (_, i) => `ping ${i}`);
    client.write(...sent.map((payload) => frame(PING, payload)), text({ type: 'ping', data: 'still here' }));
    expect(await client.next()).toMatchObject({ type: 'pong', data: 'still here' });
    await until(() => client.pongs.length === sent.length);
    expect(client.pongs).toEqual(sent);
  });
});

test('ping frames count as messages: whoever floods with them has no rate left', async () => {
  await torture({ MESSAGE_RATE: '60', MESSAGE_BURST: '50' }, async ({ raw }) => {
    const client = await raw('room', 'peer');
    for (let i = 0; i < 4; i++) {
      // In portions: each is answered before the next.
      client.write(...Array(20).fill(frame(PING, 'x')));
      if (i < 2) await until(() => client.pongs.length >= 20 * (i + 1));
    }
    client.write(...Array(100).fill(text({ type: 'ping', id: 'i' })));
    const codes = [];
    while (codes.length < 100) codes.push((await client.next()).type);
    expect(codes.filter((type) => type === 'error').length).toBeGreaterThan(0);
  });
});
