import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { INSECURE_SECRET } from '../../src/config.ts';
import { tempFolder } from '../process-helper.ts';
import { JWT_SECRET } from './mint.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCRIPT = join(ROOT, 'scripts', 'token.ts');

/** Runs a command to its end. */
function run(command: string, args: string[], env: Record<string, string>, cwd: string) {
  const child = spawn(command, args, { cwd, env: { PATH: process.env.PATH!, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The script by itself, in a folder without `.env.local`. */
function script(args: string[], env: Record<string, string> = { JWT_SECRET }) {
  return run(process.execPath, [SCRIPT, ...args], env, tempFolder());
}

const verify = (token: string, secret = JWT_SECRET) =>
  jwtVerify(token.trim(), new TextEncoder().encode(secret));

test('npm run --silent token prints a token, and nothing else', async () => {
  const args = [
    'run',
    '--silent',
    'token',
    '--',
    '--room',
    'demo',
    '--peer',
    'alice',
    '--ttl',
    '10m',
    '--host',
  ];
  const env = { JWT_SECRET, HOME: tempFolder() };
  const { code, stdout } = await run('npm', args, env, ROOT);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const { payload, protectedHeader } = await verify(stdout);
  expect(protectedHeader.alg).toBe('HS256');
  expect(payload).toMatchObject({ sub: 'alice', room: 'demo', host: true });
  expect(payload.exp! - payload.iat!).toBe(600);
});

test.each([
  ['30s', 30],
  ['5m', 300],
  ['2h', 7200],
  ['1d', 86_400],
])('--ttl %s is %i seconds', async (ttl, seconds) => {
  const { stdout } = await script(['--room', 'r', '--peer', 'a', '--ttl', ttl, '--name', 'Ann B']);
  const { payload } = await verify(stdout);
  expect(payload.exp! - payload.iat!).toBe(seconds);
  expect(payload).toMatchObject({ name: 'Ann B' });
  expect(payload).not.toHaveProperty('host');
});

test('without JWT_SECRET it takes the same one as the server', async () => {
  const { stdout } = await script(['--room', 'r', '--peer', 'a'], {});
  expect((await verify(stdout, INSECURE_SECRET)).payload.sub).toBe('a');
});

test.each([
  [[]],
  [['--room', 'r']],
  [['--peer', 'a']],
  [['--room', '', '--peer', 'a']],
  [['--room', 'r', '--peer', 'a', '--ttl', '10']],
  [['--room', 'r', '--peer', 'a', '--ttl', 'soon']],
  [['--room', 'r', '--peer', 'a', '--ttl', '0m']],
  [['--room', 'r', '--peer', 'a', '--wrong']],
  [['--room', 'r', '--peer', 'a', 'more']],
])('a wrong use ends with exit code 1, a line on stderr and no token: %j', async (args) => {
  const { code, stdout, stderr } = await script(args);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim()).not.toBe('');
  expect(stderr).not.toContain(JWT_SECRET);
  // A line for people, no stack.
  expect(stderr).not.toMatch(/^\s+at /m);
});
