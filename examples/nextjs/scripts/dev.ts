import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

// `npm run dev`: the signaling server of this repository, and the app, with one secret that both know. Ctrl-C,
// or the end of one of the two, ends both.

const folder = join(import.meta.dirname, '..');
const root = join(folder, '../..');
const port = process.env.PORT ?? '3000';
const signalingPort = process.env.FIBER_PORT ?? '3001';
const secret = process.env.JWT_SECRET ?? randomBytes(32).toString('base64url');

const server = start(root, ['src/server.ts'], {
  // Wins over FIBER_PORT; in this environment it may be the app's.
  PORT: signalingPort,
  AUTH: 'required',
  DRAIN_SECONDS: '0', // Ctrl-C ends it at once
  JWT_SECRET: secret,
  NEXT_JS_URL: `http://localhost:${port},http://127.0.0.1:${port}`,
});
const app = start(folder, ['node_modules/next/dist/bin/next', 'dev', '-p', port], {
  JWT_SECRET: secret,
  SIGNALING_URL: `ws://localhost:${signalingPort}`,
  NEXT_TELEMETRY_DISABLED: '1',
});

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(0));
for (const child of [server, app]) child.on('close', (code) => end(code ?? 1));

function start(cwd: string, args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
}

function end(code: number): void {
  if (ending) return;
  ending = true;
  process.exitCode = code;
  for (const child of [server, app]) child.kill('SIGTERM');
}
