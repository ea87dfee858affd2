import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join as joinPath } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { join, socket } from './helper.ts';
import { freePort } from './ports.ts';
import { linesOf, spawnServer, start, tempFolder } from './process-helper.ts';

const root = joinPath(import.meta.dirname, '..');

/** A port of 127.0.0.1, taken until `free` is called. */
async function takenPort(): Promise<{ port: number; free: () => Promise<void> }> {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.on('listening', resolve));
  const free = () => new Promise<void>((resolve) => holder.close(() => resolve()));
  onTestFinished(free);
  return { port: (holder.address() as { port: number }).port, free };
}

/** A folder with this `.env.local` in it. */
function folderWith(envLocal: string): { cwd: string } {
  const cwd = tempFolder();
  writeFileSync(joinPath(cwd, '.env.local'), envLocal);
  return { cwd };
}

/** `.env.local` as the README of the original Go server prints it. */
const ORIGINAL = `FIBER_PORT=3001
NEXT_JS_URL=http://localhost:3000
LOG_LEVEL=debug
REDIS_URL=redis://localhost:6379
JWT_SECRET=your-secret-key-change-in-production
TURN_SERVER=your-turn-server.com
STUN_SERVERS=stun:stun.l.google.com:19302
ENVIRONMENT=development
`;

test('a taken port ends the start with exit code 1 and one line', async () => {
  const { port } = await takenPort();
  const server = spawnServer({ FIBER_PORT: String(port), JWT_SECRET: 'x'.repeat(32) });
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(linesOf(server.output)).toEqual([expect.stringContaining(String(port))]);
});

test('without its Redis the server starts and serves, and says so in /ready alone', async () => {
  const server = await start({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const health = await fetch(`${server.url}/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok', time: expect.any(String) }]);
  const ready = await fetch(`${server.url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: expect.any(String), checks: { redis: 'down', draining: false } },
  ]);
  const a = await join(server, 'room-1', 'peer-a');
  const b = await join(server, 'room-1', 'peer-b');
  b.send({ type: 'answer', to: 'peer-a', data: 1 });
  expect(await a.nextOf('answer')).toMatchObject({ from: 'peer-b', data: 1 });
});

test("the original's .env.local starts and serves", async () => {
  // Only the port is another one: 3001 may be in use where this runs.
  const envLocal = ORIGINAL.replace('3001', String(await freePort()));
  const server = await start({ ENVIRONMENT: undefined, FIBER_PORT: undefined }, folderWith(envLocal));
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  const a = await join(server, 'test-room', 'peer-1');
  const b = await join(server, 'test-room', 'peer-2');
  a.send({ type: 'offer', from: 'peer-1', to: 'peer-2', data: { sdp: '...' } });
  expect(await b.nextOf('offer')).toMatchObject({ from: 'peer-1', to: 'peer-2', data: { sdp: '...' } });
  // Its example of a secret is everybody's.
  expect(server.output).toMatch(/WARN: .*JWT_SECRET/);
  expect(server.output).not.toContain('your-secret-key-change-in-production');
});

test('.env.local is read', async () => {
  const port = await freePort();
  const server = await start({ FIBER_PORT: undefined }, folderWith(`FIBER_PORT=${port}\n`));
  expect(server.port).toBe(port);
});

test('the environment wins over .env.local', async () => {
  const port = await freePort();
  const folder = folderWith(`FIBER_PORT=no number\nLOG_LEVEL=no level\n`);
  const server = await start({ FIBER_PORT: String(port), LOG_LEVEL: 'info' }, folder);
  expect(server.port).toBe(port);
});

test('an empty value counts as unset, in .env.local and in the environment', async () => {
  const names = ['LOG_LEVEL', 'NEXT_JS_URL', 'AUTH', 'PORT', 'MAX_PEERS', 'REDIS_URL', 'JWT_SECRET'];
  const folder = folderWith(names.map((name) => `${name}=\n`).join(''));
  for (const server of [
    await start({}, folder),
    await start(Object.fromEntries(names.map((name) => [name, '']))),
  ]) {
    const a = await join(server, 'room-1', 'peer-a');
    const allowed = socket(server, '/ws/room-1/peer-b', { origin: 'http://localhost:3000' });
    await allowed.opened();
    expect(await a.nextOf('new-peer')).toMatchObject({ data: 'peer-b' });
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  }
});

test('the built server runs without any TypeScript', async () => {
  const folder = tempFolder();
  const out = joinPath(folder, 'dist');
  const tsc = joinPath(root, 'node_modules', '.bin', 'tsc');
  const built = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', out], { cwd: root });
  expect(built.stdout.toString()).toBe('');
  expect(built.status).toBe(0);
  symlinkSync(joinPath(root, 'node_modules'), joinPath(folder, 'node_modules'));
  const server = await start(
    { NODE_OPTIONS: '--no-strip-types' },
    { script: joinPath(out, 'src', 'server.js') },
  );
  expect(await (await fetch(server.url)).json()).toMatchObject({ name: 'record-meet' });
  await join(server, 'room-1', 'peer-a');
});
