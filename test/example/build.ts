import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { has, until } from '../helper.ts';
import { freePort } from '../ice/coturn.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The example's production build, served; undefined where a part is missing. */
    example: Example | undefined;
  }
}

/** Where the example is, and the signaling server that it tells its browsers: each test starts its own there. */
export interface Example {
  url: string;
  signalingPort: number;
  jwtSecret: string;
}

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/nextjs');
const next = join(folder, 'node_modules/next/dist/bin/next');

/** Builds the library and the example once, and serves it until the run ends. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  project.provide('example', undefined);
  if (!has('example')) return undefined;
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
  const run = (cwd: string, ...args: string[]) => {
    try {
      execFileSync(process.execPath, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
    }
  };
  run(root, join(root, 'node_modules/typescript/bin/tsc'), '-p', 'client/tsconfig.build.json');
  run(folder, next, 'build');

  const [port, signalingPort] = [await freePort(), await freePort()];
  const jwtSecret = randomBytes(32).toString('base64url');
  const server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', String(port)], {
    cwd: folder,
    env: { ...env, JWT_SECRET: jwtSecret, SIGNALING_URL: `ws://127.0.0.1:${signalingPort}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (server.exitCode !== null) throw new Error(`the example did not start: ${output}`);
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  project.provide('example', { url, signalingPort, jwtSecret });
  return async () => {
    server.kill('SIGKILL');
    await ended;
  };
}
