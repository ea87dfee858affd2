import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../test/ports.ts';

/** Where the example is, and which signaling server it sends its browsers to: that is for the caller to start. */
export interface Example {
  /** `http://127.0.0.1:port` */
  url: string;
  /** On 127.0.0.1. */
  signalingPort: number;
  jwtSecret: string;
}

const root = join(import.meta.dirname, '..');
const folder = join(root, 'examples/nextjs');
const next = join(folder, 'node_modules/next/dist/bin/next');
/** Ends the server with this process, however that ends: its end of the pipe closes. */
const untilClosed = 'data:text/javascript,process.stdin.resume().on("end", () => process.exit())';
const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' };

/** Builds the library and the example for production. @throws Error with what the build printed */
export function buildExample(): void {
  run(root, join(root, 'node_modules/typescript/bin/tsc'), '-p', 'client/tsconfig.build.json');
  run(folder, next, 'build');
}

/** Serves what was built. @throws Error with what it printed, if it does not start */
export async function serveExample(): Promise<Example & { close: () => Promise<void> }> {
  const [port, signalingPort] = [await freePort(), await freePort()];
  const jwtSecret = randomBytes(32).toString('base64url');
  const args = ['--import', untilClosed, next, 'start', '-H', '127.0.0.1', '-p', String(port)];
  const server = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, JWT_SECRET: jwtSecret, SIGNALING_URL: `ws://127.0.0.1:${signalingPort}` },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = once(server, 'close');
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (server.exitCode !== null) throw new Error(`The example did not start: ${output}`);
    await setTimeout(50);
  }
  const close = async () => {
    server.kill('SIGKILL');
    await ended;
  };
  return { url, signalingPort, jwtSecret, close };
}

function run(cwd: string, ...args: string[]): void {
  try {
    execFileSync(process.execPath, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
