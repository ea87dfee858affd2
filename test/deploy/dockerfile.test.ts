import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { expect, test } from 'vitest';
import about from '../../package.json' with { type: 'json' };
import { join, until } from '../helper.ts';
import { start, tempFolder } from '../process-helper.ts';
import { buildImage, execForm, isSent, readDockerfile } from './dockerfile.ts';

const lock: { packages: Record<string, { dev?: true }> } = JSON.parse(
  readFileSync(joinPath(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8'),
);
const stages = readDockerfile();
const last = stages.at(-1)!;
const valuesOf = (name: string, { instructions } = last) =>
  instructions.flatMap((one) => (one.name === name ? [one.value] : []));

test('every stage begins with the same pinned Node.js, the one that the tests run on', () => {
  for (const { base } of stages) {
    expect(base).toBe(`node:${about.devDependencies.node}-bookworm-slim`);
  }
  expect(stages.length).toBe(3);
});

test('it runs as a user of no power, by node itself, so that SIGTERM reaches the server', () => {
  const names = last.instructions.map(({ name }) => name);
  expect(valuesOf('USER')).toEqual(['node']);
  // Nothing is written as that user: it can't change what it runs.
  expect(names.lastIndexOf('COPY')).toBeLessThan(names.indexOf('USER'));
  expect(names).not.toContain('RUN');
  expect(valuesOf('CMD').map(execForm)).toEqual([['node', '--max-semi-space-size=2', 'dist/src/server.js']]);
  expect(execForm(valuesOf('HEALTHCHECK')[0]!)[0]).toBe('node');
  for (const { instructions } of stages)
    for (const { name, value } of instructions) {
      expect(['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD']).toContain(
        name,
      );
      if (name === 'WORKDIR') expect(value).toMatch(/^\//);
      expect(value).not.toMatch(/latest|sudo|SECRET|TOKEN/);
    }
});

test('packages are installed by the lockfile, before the sources are copied', () => {
  for (const stage of stages.slice(0, -1)) {
    const [first, second] = stage.instructions.filter(({ name }) => name === 'COPY' || name === 'RUN');
    expect(first!.value).toBe('package.json package-lock.json .npmrc ./');
    expect(second!.value).toMatch(/^npm ci( --omit=dev)?$/);
  }
  expect(valuesOf('RUN', stages[0])).toEqual(['npm ci', 'npm run build']);
  expect(valuesOf('RUN', stages[1])).toEqual(['npm ci --omit=dev']);
  // Of the stage with the development packages nothing but the build is taken on.
  expect(valuesOf('COPY')).toEqual([
    '--from=packages /app/node_modules ./node_modules',
    '--from=build /app/dist ./dist',
  ]);
});

test('.dockerignore sends no secrets, nothing built, and all that is needed', () => {
  for (const path of [
    '.env',
    '.env.local',
    '.git/config',
    'node_modules/x',
    'dist/x',
    'client/dist/x',
    'test/x',
  ])
    expect([path, isSent(path)]).toEqual([path, false]);
  for (const path of ['package.json', '.npmrc', 'src/server.ts', 'client/package.json'])
    expect([path, isSent(path)]).toEqual([path, true]);
});

// It installs all packages, thousands of files: on a slow disk that takes its time.
test('its steps, done in a clean folder, make a server that starts, is healthy, and ends at SIGTERM', {
  timeout: 900_000,
}, async () => {
  const image = await buildImage(tempFolder());
  const cwd = joinPath(image.folder, image.workdir);
  expect(readdirSync(cwd).sort()).toEqual(['dist', 'node_modules']);
  const onlyHere = Object.entries(lock.packages).filter(([, { dev }]) => dev);
  expect(onlyHere.map(([path]) => path).filter((path) => existsSync(joinPath(cwd, path)))).toEqual([]);

  const script = image.command.at(-1)!;
  const env = { ...image.env, JWT_SECRET: 'k'.repeat(32), STATS_TOKEN: 't', AUTH: 'off', DRAIN_SECONDS: '3' };
  const server = await start(env, { cwd, script });
  const health = () =>
    spawnSync(process.execPath, image.health.slice(1), { env: { ...env, PORT: String(server.port) } }).status;
  expect(health()).toBe(0);
  const { endpoints } = (await (await fetch(server.url)).json()) as { endpoints: Record<string, string> };
  for (const endpoint of Object.values(endpoints)) {
    const path = endpoint.replace(/^\w+ /, '');
    const { status } = await fetch(server.url + path, { headers: { authorization: 'Bearer t' } });
    expect([path, status]).toEqual([path, endpoint.startsWith('WS') ? 426 : 200]);
  }
  const peer = await join(server, 'r', 'a');
  server.kill('SIGTERM');
  await until(async () => (await fetch(`${server.url}/health`)).status === 503);
  expect(health()).toBe(1);
  expect(await peer.closed).toEqual({ code: 1012, reason: 'restart' });
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(health()).toBe(1);
});
