import { expect, test } from 'vitest';
import { type Frame, socket, type TestSocket } from '../helper.ts';
import { type ServerProcess, start } from '../process-helper.ts';
import { forge, JWT_SECRET, mint, now } from './mint.ts';

const STATS_TOKEN = 'the-stats-token-of-the-tests';
const ADMIN_TOKEN = 'the-admin-token-of-the-tests';
const WEBHOOK_SECRET = 'the-webhook-secret-of-the-tests';
const TURN_SECRET = 'the-turn-secret-of-the-tests';
const V1 = 'record-meet.v1';

/** Everything that a run used and that nobody else may read, and everything that came out. */
class Run {
  readonly server: ServerProcess;
  readonly secrets = new Set<string>();
  readonly seen: string[] = [];
  #tries = 0;

  constructor(server: ServerProcess) {
    this.server = server;
    for (const secret of [JWT_SECRET, TURN_SECRET, STATS_TOKEN, ADMIN_TOKEN, WEBHOOK_SECRET]) {
      const bytes = Buffer.from(secret);
      for (const form of ['utf8', 'base64url', 'hex'] as const) this.secrets.add(bytes.toString(form));
    }
  }

  /** Each try comes from another address: one that fails this often would wait for its answers. */
  #from() {
    return { 'X-Forwarded-For': `192.0.2.${++this.#tries}` };
  }

  /** Remembers a token, whole and in its parts. */
  secret(token: string): string {
    for (const part of [token, ...token.split('.')]) if (part.length > 8) this.secrets.add(part);
    return token;
  }

  /** Asks over HTTP; what the answer says has to be clean. */
  async ask(path: string, authorization?: string, init: RequestInit = {}): Promise<number> {
    const headers = {
      ...this.#from(),
      ...init.headers,
      ...(authorization === undefined ? {} : { authorization }),
    };
    const response = await fetch(`${this.server.url}${path}`, { ...init, headers });
    const body = await response.text();
    // The credential of the TURN server is what this one answer is for; it is no one else's business.
    if (path === '/ice-servers' && response.status === 200) {
      const { iceServers } = JSON.parse(body) as { iceServers: { credential?: string }[] };
      for (const { credential } of iceServers) if (credential) this.secret(credential);
    } else {
      this.seen.push(body);
    }
    this.seen.push(JSON.stringify([...response.headers]));
    return response.status;
  }

  /** A join; its handshake's answer, its errors and its close have to be clean. */
  open(path: string, protocols: string[] = [], headers = {}): TestSocket {
    const opened = socket(this.server, path, { headers: { ...this.#from(), ...headers } }, protocols);
    opened.ws.on('upgrade', (answer) => this.seen.push(JSON.stringify(answer.rawHeaders)));
    opened.ws.on('unexpected-response', (_request, answer) => {
      this.seen.push(JSON.stringify([answer.statusCode, answer.rawHeaders]));
      opened.ws.terminate();
    });
    opened.ws.on('close', (code, reason) => this.seen.push(`${code} ${reason}`));
    return opened;
  }

  /** The first frame of a join; a seat and a credential in it are secrets of its own. */
  async greeted(opened: TestSocket): Promise<Frame> {
    const first = await opened.next();
    const session = first.session as { seat?: string; iceServers?: { credential?: string }[] } | undefined;
    if (session?.seat) this.secret(session.seat);
    for (const { credential } of session?.iceServers ?? []) if (credential) this.secret(credential);
    return first;
  }
}

/** Bad in one way each, the last two for another place. */
const BAD = [
  () => 'a-token-that-is-garbage',
  () => forge({}, { secret: 'another' }),
  () => forge({}, { header: { alg: 'none' } }),
  () => forge({}, { header: { alg: 'RS256' } }),
  () => forge({ exp: now() - 90 }),
  () => forge({ sub: 17 }),
  () => forge({ room: 'r2' }),
  () => forge({ sub: 'b', name: 'b' }),
];

async function refusals(run: Run): Promise<void> {
  for (const make of BAD) {
    const token = run.secret(make());
    expect((await run.open(`/ws/r/a?token=${token}`).closed).code).toBeGreaterThan(4500);
    expect((await run.open('/ws/r/a', [V1, `token.${token}`]).closed).code).toBeGreaterThan(4500);
    await run.ask(`/ws/r/a?token=${token}`);
    await run.ask(`/nothing/here?token=${token}`);
  }
  const token = run.secret(await mint('a'));
  await run.open(`/ws/server/server?token=${token}`).closed;
  await run.open(`/nothing?token=${token}`).closed;
  await run.open(`/ws/r/a?token=${token}`, [], { Origin: 'https://elsewhere.example' }).closed;
  await run.open(`/ws/r/%zz?token=${token}`).closed;
  await run.ask(`/ws/%zz/a?token=${token}`);
  await run.ask(`/?token=${token}`);
  await run.ask(`/ws/r/a?token=${token}`, undefined, { method: 'POST', body: '{' });
  expect(await run.ask('/ice-servers', `Bearer ${run.secret(forge({ exp: 1 }))}`)).toBe(401);
  expect(await run.ask('/ice-servers', `Basic ${token}`)).toBe(401);
  expect(await run.ask('/stats', `Bearer ${run.secret('not-the-stats-token')}`)).toBe(401);
  expect(await run.ask('/stats', `Bearer ${token}`)).toBe(401);
  expect(await run.ask(`/stats?token=${STATS_TOKEN}`)).toBe(401);
  expect(await run.ask('/admin/rooms/r', `Bearer ${token}`, { method: 'DELETE' })).toBe(401);
}

async function successes(run: Run): Promise<void> {
  const hostToken = run.secret(await mint('host', { host: true }));
  const token = run.secret(await mint('a'));
  const host = run.open(`/ws/r/host?token=${hostToken}`);
  await run.greeted(host);
  const old = run.open(`/ws/r/a?token=${token}`);
  await run.greeted(old);
  const newer = run.open('/ws/r/a', [V1, `token.${token}`]);
  const session = (await run.greeted(newer)).session as { seat?: string } | undefined;
  expect((await old.closed).code).toBe(4510);
  for (const frame of [
    '{',
    { type: 'what' },
    { type: 'offer', to: 'nobody', data: 1 },
    { type: 'remove', to: 'host' },
  ]) {
    newer.send(frame);
    run.seen.push(JSON.stringify(await newer.nextOf('error')));
  }
  if (session?.seat) {
    const forged = run.secret(`${session.seat.slice(0, -4)}AAAA`);
    const another = run.open('/ws/r/a', [V1, `token.${token}`, `seat.${forged}`]);
    await run.greeted(another);
    await run.greeted(run.open('/ws/r/a', [V1, `token.${token}`, `seat.${session.seat}`]));
  }
  host.send({ type: 'remove', to: 'a' });
  await host.nextOf('peer-left');
  expect((await run.open(`/ws/r/a?token=${token}`).closed).code).toBe(4511);
  expect(await run.ask('/ice-servers', `Bearer ${hostToken}`)).toBe(200);
  for (const path of ['/stats', '/metrics', '/calls?room=r']) await run.ask(path, `Bearer ${STATS_TOKEN}`);
  for (const path of ['/', '/health', '/ready', '/dashboard']) await run.ask(path);
  expect(await run.ask('/admin/rooms/r/peers', `Bearer ${ADMIN_TOKEN}`)).toBe(200);
}

test.each(['test', 'development'])(
  'no log line, answer or close of a server in %s holds a token or secret',
  async (ENVIRONMENT) => {
    const env = {
      ENVIRONMENT,
      AUTH: 'required',
      JWT_SECRET,
      STATS_TOKEN,
      ADMIN_TOKEN,
      WEBHOOK_URL: 'http://127.0.0.1:1/',
      WEBHOOK_SECRET,
      TURN_SECRET,
      TURN_SERVER: 'turn.example.com',
    };
    const run = new Run(
      await start({ ...env, LOG_LEVEL: 'trace', DRAIN_SECONDS: '0', TRUST_PROXY: '127.0.0.1' }),
    );
    await successes(run);
    await refusals(run);
    run.server.kill('SIGTERM');
    await run.server.exited;
    // The log did tell of all that: it was not silent by accident.
    for (const word of ['peer joined', 'join refused', 'peer left'])
      expect(run.server.output).toContain(word);
    expect(run.secrets.size).toBeGreaterThan(40);
    const everything = [run.server.output, ...run.seen].join('\n');
    expect(run.seen.join('\n')).toContain('4501 unauthorized');
    expect([...run.secrets].filter((secret) => everything.includes(secret))).toEqual([]);
  },
);
