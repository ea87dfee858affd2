import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './helper.ts';
import { own } from './own.ts';

const SERVER = join(import.meta.dirname, '..', 'src', 'server.ts');

/** A temporary folder that goes away after the test. */
export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'record-meet-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The real server in a process of its own. */
export class ServerProcess {
  readonly child: ChildProcess;
  /** Resolves when the process has ended and all its output was read. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stdout = '';
  stderr = '';
  #port = 0;

  constructor(env: Record<string, string | undefined>, cwd: string, script: string) {
    // Of our environment it gets this alone: what was compiled once need not be compiled again.
    const { NODE_COMPILE_CACHE } = process.env;
    this.child = own(
      spawn(process.execPath, [script], {
        env: { NODE_COMPILE_CACHE, ...env },
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** The port that the start-up line names; fits `join` and `socket` of the other helper. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything it ever printed. */
  get output(): string {
    return this.stdout + this.stderr;
  }

  /** The lines of the JSON log; throws if one of them is no JSON object. */
  get logs(): Record<string, unknown>[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return linesOf(whole).map((line) => JSON.parse(line));
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits for the line that says where to connect. */
  async started(): Promise<this> {
    let ended = false;
    this.exited.then(() => {
      ended = true;
    });
    await until(() => {
      this.#port = Number(/ws:\/\/[^\s/"]+:(\d+)\//.exec(this.stdout)?.[1] ?? 0);
      return this.#port > 0 || ended;
    });
    if (this.#port === 0) throw new Error(`the server did not start: ${this.output}`);
    return this;
  }

  /** Waits for a line of the JSON log that has these fields. */
  async logged(fields: Record<string, unknown>): Promise<Record<string, unknown>> {
    const fits = (line: Record<string, unknown>) => Object.entries(fields).every(([k, v]) => line[k] === v);
    await until(() => this.logs.some(fits));
    return this.logs.find(fits)!;
  }
}

/** The non-empty lines, for whatever any program takes for a line break. */
export function linesOf(text: string): string[] {
  return text.split(/[\n\r\v\f\u0085\u2028\u2029]/).filter((line) => line !== '');
}

/**
 * Spawns the server with these settings and nothing else of our environment, on a free port of 127.0.0.1,
 * with JSON logs. It is killed after the test, by its id.
 *
 * @param env `undefined` clears one of those three
 */
export function spawnServer(
  env: Record<string, string | undefined> = {},
  { cwd = tempFolder(), script = SERVER } = {},
): ServerProcess {
  const all = { ENVIRONMENT: 'test', HOST: '127.0.0.1', FIBER_PORT: '0', ...env };
  const server = new ServerProcess(all, cwd, script);
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  return server;
}

/** Spawns the server and waits until it can be connected to. */
export function start(env: Record<string, string | undefined> = {}, options = {}): Promise<ServerProcess> {
  return spawnServer(env, options).started();
}

/** A join by hand on a bare TCP socket, which then does only what the test does with it. */
export async function rawJoin(server: { port: number }, path: string): Promise<Socket> {
  const raw = connect(server.port, '127.0.0.1');
  onTestFinished(() => void raw.destroy());
  raw.on('error', () => {});
  raw.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  let answer = '';
  raw.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  await until(() => answer.includes('"peers"') || raw.closed);
  raw.removeAllListeners('data');
  return raw;
}
