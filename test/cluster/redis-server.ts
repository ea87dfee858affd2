import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { own } from '../own.ts';
import { freePort } from '../ports.ts';

/** A real Redis on a port of its own, without a memory on disk; it ends after the test. */
export class RedisServer {
  readonly port: number;
  readonly #options: string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'record-meet-redis-'));
  #child: ChildProcess | undefined;

  constructor(port: number, options: string[] = []) {
    this.port = port;
    this.#options = options;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Its folder: for certificates, and for what it writes. */
  get folder(): string {
    return this.#folder;
  }

  async start(): Promise<this> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    const child = spawn('/usr/bin/redis-server', [...args, '--appendonly', 'no', ...this.#options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = own(child);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    while (!(await answers(this.port))) {
      if (child.exitCode !== null) throw new Error(`redis-server has ended: ${said}`);
      await delay(20);
    }
    return this;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export async function startRedis(options: string[] = []): Promise<RedisServer> {
  const server = new RedisServer(await freePort(), options);
  onTestFinished(() => server.dispose());
  return server.start();
}

/** Whether something listens on this port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
