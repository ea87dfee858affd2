import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { enter, JWT_SECRET, mint } from '../auth/mint.ts';
import { build, join, until } from '../helper.ts';
import { start } from '../process-helper.ts';
import { joinV1 } from '../v1/v1.ts';
import { Receiver, telling, WEBHOOK_SECRET } from './receiver.ts';

async function scene(env: Record<string, string> = {}) {
  const receiver = await new Receiver().start();
  const server = await build({ ...telling(receiver), ...env });
  return { receiver, server };
}

/** What `/metrics` says of webhooks. */
async function figures(server: { url: string }): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = text.matchAll(/^record_meet_webhooks_(?:total\{result="(\w+)"\}|(waiting)) (\d+)$/gm);
  return Object.fromEntries(
    [...lines].map(([, result, waiting, value]) => [result ?? waiting, Number(value)]),
  );
}

test('it is told who joins and leaves, and which rooms start and end, in order', async () => {
  const { receiver, server } = await scene();
  const a = await joinV1(server, 'r', 'a');
  const b = await join(server, 'r', 'b');
  const c = await join(server, 'other é', 'c');
  c.ws.close(1000);
  await until(() => receiver.taken.length === 7);
  a.ws.close(1000);
  await until(() => receiver.taken.length === 8);
  b.ws.close(1000);
  await until(() => receiver.taken.length === 10);
  const of = (room: string) => receiver.taken.filter((line) => line.includes(` ${room}`));
  expect(of('r')).toEqual([
    'room.started r',
    'peer.joined r a',
    'peer.joined r b',
    'peer.left r a',
    'peer.left r b',
    'room.ended r',
  ]);
  expect(of('other é')).toEqual([
    'room.started other é',
    'peer.joined other é c',
    'peer.left other é c',
    'room.ended other é',
  ]);
  const joined = receiver.all.find(({ body }) => body.peer === 'a')!;
  expect(joined.body).toEqual({
    id: joined.headers['webhook-id'],
    type: 'peer.joined',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    room: 'r',
    peer: 'a',
    session: a.welcome.id,
  });
  expect(receiver.all.find(({ body }) => body.type === 'room.started')!.body).not.toHaveProperty('peer');
  expect(new Set(receiver.all.map(({ body }) => body.id)).size).toBe(10);
});

test('each is signed with the time of its sending', async () => {
  const { receiver, server } = await scene();
  await join(server, 'r', 'ä');
  await until(() => receiver.taken.length === 2);
  for (const { headers, text } of receiver.all) {
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers;
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(60);
    const key = Buffer.from(WEBHOOK_SECRET.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
    expect(headers['content-type']).toBe('application/json');
  }
});

test('who is away has not left, who comes back has not joined; a new session on a place has', async () => {
  const { receiver, server } = await scene({ JWT_SECRET, GRACE_SECONDS: '20' });
  const a = await joinV1(server, 'r', 'a');
  a.ws.terminate();
  await until(() => server.app.rooms.census.away === 1);
  const back = await joinV1(server, 'r', 'a', { seat: a.welcome.seat });
  expect(back.welcome.resumed).toBe(true);
  back.ws.close(1000);
  await receiver.takes('room.started r', 'peer.joined r a', 'peer.left r a', 'room.ended r');
  // A page that was loaded anew takes its own place over: the room goes on.
  await enter(server, await mint('b'), 'b');
  await enter(server, await mint('b'), 'b');
  await until(() => receiver.taken.length === 8);
  expect(receiver.taken.slice(4)).toEqual([
    'room.started r',
    'peer.joined r b',
    'peer.left r b',
    'peer.joined r b',
  ]);
});

test('what is not taken is sent again with the same id, and nothing of its room overtakes it', async () => {
  const { receiver, server } = await scene();
  let refused = 0;
  receiver.answer = ({ body }) => {
    if (body.type !== 'peer.joined' || refused >= 3) return 204;
    return [500, 429, 307][refused++]!;
  };
  const a = await join(server, 'r', 'a');
  a.ws.close(1000);
  await join(server, 'other', 'b');
  await until(() => receiver.taken.length === 6);
  const ofRoom = receiver.all.filter(({ body }) => body.room === 'r');
  const ids = new Set(ofRoom.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(4);
  expect(receiver.taken.filter((line) => / r\b/.test(line))).toEqual([
    'room.started r',
    'peer.joined r a',
    'peer.left r a',
    'room.ended r',
  ]);
  await until(async () => (await figures(server)).delivered === 6);
  expect(await figures(server)).toEqual({ delivered: 6, dropped: 0, failed: 3, waiting: 0 });
});

test('a receiver that does not answer is in nobody’s way', async () => {
  const { receiver, server } = await scene();
  receiver.answer = () => 0;
  for (let n = 0; n < 20; n++) await join(server, `room-${n}`, 'a');
  const a = await join(server, 'r', 'a');
  const b = await join(server, 'r', 'b');
  a.send({ type: 'offer', to: 'b', data: 1 });
  expect(await b.next()).toMatchObject({ type: 'offer', data: 1 });
  expect(await figures(server)).toMatchObject({ delivered: 0, waiting: 43 });
  expect(receiver.all.length).toBeLessThanOrEqual(8);
});

test('nobody listens: what waits is bounded in time when the server stops, and the loss is logged', async () => {
  const server = await build({ WEBHOOK_URL: 'http://127.0.0.1:1/', WEBHOOK_SECRET });
  await join(server, 'r', 'a');
  await until(async () => (await figures(server)).failed! > 0);
  await server.app.close();
  expect(server.logs).toContainEqual(expect.objectContaining({ msg: 'webhooks dropped' }));
  expect(JSON.stringify(server.logs)).not.toMatch(/whsec|127\.0\.0\.1:1\//);
});

test('a server that stops delivers what is left, and that all have left', async () => {
  const receiver = await new Receiver().start();
  const server = await start({ ...telling(receiver), DRAIN_SECONDS: '0' });
  await join(server, 'plain', 'a');
  await joinV1(server, 'v1', 'b');
  server.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  const { taken } = receiver;
  for (const [room, peer] of [
    ['plain', 'a'],
    ['v1', 'b'],
  ])
    expect(taken.filter((line) => line.includes(` ${room}`))).toEqual([
      `room.started ${room}`,
      `peer.joined ${room} ${peer}`,
      `peer.left ${room} ${peer}`,
      `room.ended ${room}`,
    ]);
  expect(server.output).not.toContain('webhooks dropped');
});

test('without a URL nothing of it is there', async () => {
  const server = await build();
  await join(server, 'r', 'a');
  expect(await figures(server)).toEqual({});
});
