import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join as joinPath } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { describe, inject, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { buildApp } from '../src/app.ts';
import type { Envelope } from '../src/protocol/messages.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Redis of tests that are run over one; undefined elsewhere. */
    redisUrl: string | undefined;
  }
}

/** The real app, listening on a free port of 127.0.0.1. */
export interface TestServer {
  app: FastifyInstance;
  port: number;
  /** `http://127.0.0.1:port` */
  url: string;
  /** Everything it logged so far, a parsed JSON line each. */
  logs: Record<string, unknown>[];
}

/** Starts the app with these settings (no log output, ENVIRONMENT=test); it closes itself after the test. */
export async function build(env: Record<string, string> = {}): Promise<TestServer> {
  const logs: Record<string, unknown>[] = [];
  const log = { write: (line: string) => void logs.push(JSON.parse(line)) };
  const app = await buildApp({ ENVIRONMENT: 'test', ...overRedis(), ...env }, log);
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, logs };
}

/** Where the tests are to run over Redis: each server with keys of its own, as if it were alone. */
function overRedis(): Record<string, string> {
  const url = inject('redisUrl');
  return url ? { REDIS_URL: url, REDIS_PREFIX: `${randomUUID()}:` } : {};
}

/** A frame from the server, parsed. */
export type Frame = Envelope & Record<string, unknown>;

/** A client's socket that hands out what came, in order. */
export class TestSocket {
  readonly ws: WebSocket;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The text of each frame that came and was not asked for yet. */
  readonly unread: string[] = [];
  #wanted: ((text: string) => void)[] = [];

  constructor(url: string, options: ClientOptions = {}, protocols: string[] = []) {
    this.ws = new WebSocket(url, protocols, options);
    this.ws.on('message', (data) => {
      const text = data.toString();
      const wanted = this.#wanted.shift();
      if (wanted) wanted(text);
      else this.unread.push(text);
    });
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.ws.on('error', () => {});
  }

  /** Resolves when the handshake is through; rejects with the status if it was refused. */
  opened(): Promise<this> {
    return new Promise((resolve, reject) => {
      if (this.ws.readyState === WebSocket.OPEN) return resolve(this);
      this.ws.on('open', () => resolve(this));
      this.ws.on('error', reject);
    });
  }

  /** The next frame as the text that came; waits for it. */
  nextText(): Promise<string> {
    const text = this.unread.shift();
    if (text !== undefined) return Promise.resolve(text);
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  /** The next frame; waits for it. */
  async next(): Promise<Frame> {
    return JSON.parse(await this.nextText());
  }

  /** The next frame of this type; those before it are dropped. */
  async nextOf(type: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type) return frame;
    }
  }

  /** Sends a value as JSON, or a string as it is. */
  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /**
   * Everything that came up to now and was not read: asks for a pong and hands out what arrived before it,
   * so that "nothing came" needs no waiting time.
   */
  async flush(): Promise<Frame[]> {
    const mark = `flush-${Math.random()}`;
    this.send({ type: 'ping', data: mark });
    const frames: Frame[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame.type === 'pong' && frame.data === mark) return frames;
      frames.push(frame);
    }
  }
}

/**
 * Opens a socket to `/ws/:room/:peerId` (already encoded); it is cut after the test.
 *
 * @param path as "/ws/room/peer", query and all
 */
export function socket(
  server: { port: number },
  path: string,
  options: ClientOptions = {},
  protocols: string[] = [],
): TestSocket {
  const opened = new TestSocket(`ws://127.0.0.1:${server.port}${path}`, options, protocols);
  onTestFinished(() => opened.ws.terminate());
  return opened;
}

/** Joins, and reads the first `peers` away. */
export async function join(server: { port: number }, room: string, peer: string): Promise<TestSocket> {
  const opened = socket(server, `/ws/${encodeURIComponent(room)}/${encodeURIComponent(peer)}`);
  await opened.opened();
  await opened.next();
  return opened;
}

/**
 * Waits until `condition` holds, looking again and again, but less and less often, as a look may cost a browser
 * or a server something; the test's own time-out is the limit.
 */
export async function until(condition: () => unknown): Promise<void> {
  for (let ms = 5; !(await condition()); ms = Math.min(ms * 1.5, 100))
    await new Promise((resolve) => setTimeout(resolve, ms));
}

const PARTS = {
  chromium: ['/usr/bin/chromium'],
  example: [
    '/usr/bin/chromium',
    '/usr/bin/ffprobe',
    joinPath(import.meta.dirname, '../examples/nextjs/node_modules/next'),
  ],
  redis: ['/usr/bin/redis-server'],
  coturn: ['/usr/bin/turnserver'],
  haproxy: ['/usr/sbin/haproxy'],
  nginx: ['/usr/sbin/nginx'],
  promtool: ['/usr/bin/promtool'],
  'the AsyncAPI parser': [`${import.meta.dirname}/asyncapi/node_modules/@asyncapi/parser/package.json`],
} as const;

/** Whether all of a part is installed. */
export function has(part: keyof typeof PARTS): boolean {
  return PARTS[part].every((path) => existsSync(path));
}

/** `describe`, or a loud skip where a part from elsewhere is missing ("npm run setup" installs it). */
export function describeWith(part: keyof typeof PARTS, name: string, tests: () => void): void {
  if (has(part)) describe(name, tests);
  else describe.skip(`${name} (needs ${part}: npm run setup)`, tests);
}
