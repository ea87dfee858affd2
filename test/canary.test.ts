import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join as joinPath } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canaryRoom, runCanary } from '../src/canary/canary.ts';
import { JWT_SECRET, mint, REQUIRED } from './auth/mint.ts';
import { startRedis } from './cluster/redis-server.ts';
import { build, describeWith, join, socket, type TestServer, until } from './helper.ts';
import { tempFolder } from './process-helper.ts';

const ROOT = joinPath(import.meta.dirname, '..');
const STEPS = ['join', 'offer', 'answer', 'candidates', 'chat', 'resume', 'leave'];

/** Runs the command as cron would, in a folder without `.env.local`. */
async function canary(args: string[], env: Record<string, string> = {}) {
  const script = joinPath(ROOT, 'scripts', 'canary.ts');
  const child = spawn(process.execPath, [script, ...args], { cwd: tempFolder(), env });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...output };
}

const wsUrl = ({ port }: { port: number }) => `ws://127.0.0.1:${port}`;
const run = (server: { port: number }, more = {}) =>
  runCanary({ url: wsUrl(server), room: canaryRoom(), ...more });
const scrape = async (server: TestServer) => (await fetch(`${server.url}/metrics`)).text();

/** A server on a free port that takes connections and does this with each. */
async function listener(taken: (socket: import('node:net').Socket) => void): Promise<{ port: number }> {
  const server = createServer(taken).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as { port: number }).port };
}

test('npm run canary tries a server step by step, and leaves nothing behind', async () => {
  const server = await build();
  const { code, stdout, stderr } = await canary(['--url', `${wsUrl(server)}/`]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(STEPS);
  for (const line of lines) expect(line).toMatch(/^\w+ +\d+\.\d ms$/);
  await until(() => server.app.rooms.sessions.size === 0);
  await until(() => [...server.app.rooms.known].length === 0);
});

test('where tokens are wanted it signs them with the secret, or takes two', async () => {
  const server = await build(REQUIRED);
  const url = wsUrl(server);
  expect(await canary(['--url', url, '--secret', JWT_SECRET])).toMatchObject({ code: 0 });
  expect(await canary(['--url', url], { JWT_SECRET })).toMatchObject({ code: 0 });
  const [a, b] = [await mint('a'), await mint('b')];
  expect(await canary(['--url', url, '--token', a, '--token', b])).toMatchObject({ code: 0 });
  const refused = { code: 1, stdout: '', stderr: 'failed at join: closed with 4501 unauthorized\n' };
  expect(await canary(['--url', url])).toEqual(refused);
  expect(await canary(['--url', url, '--secret', 'x'.repeat(32)])).toEqual(refused);
});

test('a failure ends with exit code 1 and says at which step', async () => {
  const { port } = await listener((socket) => void socket.destroy());
  const dead = await canary(['--url', `ws://127.0.0.1:${port}`]);
  expect(dead).toEqual({
    code: 1,
    stdout: '',
    stderr: 'failed at join: no connection: refused, or no answer\n',
  });
  const web = await canary(['--url', `${wsUrl(await build())}/elsewhere`]);
  expect(web.code).toBe(1);
});

test.each([
  [[]],
  [['--url', 'https://meet.example.com']],
  [['--url', 'ws://127.0.0.1:1', '--token', 'x']],
  [['--url', 'ws://127.0.0.1:1', '--wrong']],
])('a wrong use ends with exit code 1 and one line: %j', async (args) => {
  const { code, stdout, stderr } = await canary(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\n$/);
});

test.each([
  [{ MAX_PEERS: '1' }, 'join', 'closed with 1013 overloaded'],
  [{ MAX_PEERS_PER_ROOM: '1' }, 'join', 'closed with 4402 room-full'],
  [{ MESSAGE_BURST: '1', MESSAGE_RATE: '0.001' }, 'answer', 'rate-limited: Too many messages'],
  [{ MAX_MESSAGE_BYTES: '10' }, 'offer', 'closed with 1009'],
])('it finds what is wrong with a server: %o', async (env, step, reason) => {
  const { failed } = await run(await build(env));
  expect(failed).toEqual({ step, reason: expect.stringContaining(reason) });
});

test('a server that is silent fails it in time, and a signal at once', async () => {
  const mute = await listener((socket) => void socket.on('error', () => {}));
  expect((await run(mute, { within: 50 })).failed).toEqual({
    step: 'join',
    reason: 'not through within 50 ms',
  });
  expect((await run(mute, { signal: AbortSignal.abort() })).failed?.step).toBe('join');
});

test('where no seats are kept it does without the resume', async () => {
  const { steps, failed } = await run(await build({ GRACE_SECONDS: '0' }));
  expect(failed).toBeUndefined();
  expect(steps.map(({ step }) => step)).toEqual(STEPS.filter((step) => step !== 'resume'));
});

test('the rooms of canaries are in neither /stats nor /calls, but count towards MAX_PEERS', async () => {
  const server = await build({ MAX_PEERS: '2' });
  const room = canaryRoom();
  const [a, b] = [await join(server, room, 'a'), await join(server, room, 'b')];
  a.send({ type: 'offer', to: 'b', data: 1 });
  await b.nextOf('offer');
  const answer = async (path: string) => (await fetch(server.url + path)).json();
  expect(await answer('/stats')).toMatchObject({ roomCount: 0, totalPeers: 0, away: 0, rooms: [] });
  expect(await answer('/calls')).toEqual({ calls: [] });
  expect((await socket(server, '/ws/r/c').closed).code).toBe(1013);
});

test('CANARY_SECONDS: the server tries itself again and again, and shows the result in /metrics', async () => {
  const server = await build({ ...REQUIRED, CANARY_SECONDS: '0.05' });
  await until(async () => /^record_meet_joins_total [6-9]/m.test(await scrape(server)));
  const text = await scrape(server);
  expect(text).toMatch(/^record_meet_canary_success 1$/m);
  for (const step of STEPS)
    expect(text).toMatch(new RegExp(`^record_meet_canary_seconds{step="${step}"} [\\d.e-]+$`, 'm'));
  expect(await (await fetch(`${server.url}/stats`)).json()).toMatchObject({ roomCount: 0, totalPeers: 0 });
});

test('CANARY_SECONDS: a failure is in /metrics and in the log', async () => {
  const server = await build({ CANARY_SECONDS: '60', MAX_PEERS_PER_ROOM: '1' });
  await until(async () => /^record_meet_canary_success 0$/m.test(await scrape(server)));
  expect(await scrape(server)).not.toMatch(/^record_meet_canary_seconds{/m);
  const logged = server.logs.find(({ msg }) => msg === 'canary failed');
  expect(logged).toMatchObject({ level: 40, step: 'join', reason: 'closed with 4402 room-full' });
});

test('without CANARY_SECONDS there are no canaries, and no figures of them', async () => {
  expect(await scrape(await build())).not.toContain('canary');
});

describeWith('redis', 'over Redis', () => {
  test('canaries come through, and no instance counts or lists them', async () => {
    const env = { REDIS_URL: (await startRedis()).url };
    const [one, two] = [await build(env), await build(env)];
    await until(() => one.app.cluster.members.length === 2 && two.app.cluster.members.length === 2);
    expect((await run(one)).failed).toBeUndefined();
    const room = canaryRoom();
    const a = await join(one, room, 'a');
    await join(two, room, 'b');
    await a.nextOf('new-peer');
    a.send({ type: 'offer', to: 'b', data: 1 });
    await a.flush();
    for (const { url } of [one, two]) {
      const answer = async (path: string) => (await fetch(url + path)).json();
      expect(await answer('/stats')).toMatchObject({
        scope: 'cluster',
        roomCount: 0,
        totalPeers: 0,
        rooms: [],
      });
      expect(await answer('/calls')).toEqual({ calls: [] });
    }
  });
});
