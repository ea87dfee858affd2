import { expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigError } from '../src/config-error.ts';
import { linesOf, spawnServer } from './process-helper.ts';

const COUNTS = [
  'MAX_MESSAGE_BYTES',
  'MAX_FRAGMENTS',
  'MAX_BUFFERED_BYTES',
  'MAX_PEERS_PER_ROOM',
  'MAX_PEERS',
  'MESSAGE_BURST',
  'BYTE_BURST',
  'JOIN_BURST',
  'CHAT_HISTORY',
];
const RATES = ['MESSAGE_RATE', 'BYTE_RATE', 'JOIN_RATE'];
const SECONDS = [
  'TURN_TTL_SECONDS',
  'HEARTBEAT_SECONDS',
  'HEARTBEAT_TIMEOUT_SECONDS',
  'GRACE_SECONDS',
  'DRAIN_SECONDS',
  'CHAT_HISTORY_TTL_SECONDS',
];
const LISTS = { NEXT_JS_URL: /origin/, TRUST_PROXY: /address/, STUN_SERVERS: /stun:/, TURN_SERVER: /turn:/ };

/** Setting, wrong value, and what its line must say that it takes. */
const WRONG: readonly (readonly [name: string, value: string, takes: RegExp])[] = [
  ...['FIBER_PORT', 'PORT'].flatMap((name) =>
    ['three', '-1', '80.5', '65536', '3001 3002', ' '].map((v) => [name, v, /integer.*65535/] as const),
  ),
  ...COUNTS.flatMap((name) => ['many', '-1', '1.5', ' '].map((v) => [name, v, /integer.*0/] as const)),
  ...RATES.flatMap((name) =>
    ['fast', '-1', 'NaN', 'Infinity', '1e999'].map((v) => [name, v, /number/] as const),
  ),
  ...SECONDS.flatMap((name) => ['long', '-1', '10s', 'Infinity'].map((v) => [name, v, /number/] as const)),
  ['HEARTBEAT_SECONDS', '0', /number/],
  ['LOG_LEVEL', 'verbose', /trace.*debug|debug.*trace/],
  ['LOG_LEVEL', 'INFO\n', /debug/],
  ['ENVIRONMENT', 'staging', /development.*production/],
  ['AUTH', 'yes', /off.*optional.*required/],
  ...['*', 'meet.example.com', 'ftp://x', 'https://x/path', 'null', 'https://ok.example,bad'].map(
    (v) => ['NEXT_JS_URL', v, LISTS.NEXT_JS_URL] as const,
  ),
  ...['true', '10.0.0.0/33', '10.0.0', 'fd00::/129', '10.0.0.0/8/8', 'proxy.example', '10.0.0.1,x'].map(
    (v) => ['TRUST_PROXY', v, LISTS.TRUST_PROXY] as const,
  ),
  ...['https://stun.example.com', 'stun:', 'stun:a,turn:b'].map(
    (v) => ['STUN_SERVERS', v, LISTS.STUN_SERVERS] as const,
  ),
  ...['https://turn.example.com', 'turn:', 'two words', 'host:99999'].map(
    (v) => ['TURN_SERVER', v, LISTS.TURN_SERVER] as const,
  ),
];

test.each(WRONG)(
  '%s=%j stops the start with a line that names it, what it got and what it takes',
  async (name, value, takes) => {
    const error = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent', [name]: value }).then(
      (app) => app.close(),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(linesOf(message)).toHaveLength(1);
    expect(message).toMatch(new RegExp(`^${name}: `));
    // Of a list the one wrong item is enough.
    expect(value.split(',').some((item) => message.includes(JSON.stringify(item)))).toBe(true);
    expect(message.slice(message.lastIndexOf('takes'))).toMatch(takes);
  },
);

test('where two settings are wrong, the line is about one of them', async () => {
  const server = spawnServer({ LOG_LEVEL: 'loud', MAX_PEERS: 'many' });
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(linesOf(server.output)).toEqual([
    expect.stringMatching(/^(LOG_LEVEL|MAX_PEERS): got "(loud|many)"/),
  ]);
});

/** One of each kind, in a process: what an operator sees. */
test.each([
  [{ FIBER_PORT: 'three' }, 'FIBER_PORT', 'three'],
  [{ PORT: '65536' }, 'PORT', '65536'],
  [{ MESSAGE_RATE: '-1' }, 'MESSAGE_RATE', '-1'],
  [{ LOG_LEVEL: 'forged"\nline' }, 'LOG_LEVEL', 'forged'],
  [{ ENVIRONMENT: 'prod' }, 'ENVIRONMENT', 'prod'],
  [{ NEXT_JS_URL: 'meet.example.com' }, 'NEXT_JS_URL', 'meet.example.com'],
  [{ TRUST_PROXY: 'everybody' }, 'TRUST_PROXY', 'everybody'],
])('%j: exit code 1 and exactly one line', async (env, name, got) => {
  const server = spawnServer(env);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  const lines = linesOf(server.output);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(new RegExp(`^${name}: got .*${got}.*, takes `));
});

/** What stands where the value of another setting would. */
test.each([
  [{ REDIS_URL: 'http://user:hunter2@redis.example' }, 'REDIS_URL', 'rediss://'],
  [{ REDIS_URL: 'hunter2' }, 'REDIS_URL', 'rediss://'],
  [{ WEBHOOK_URL: 'ftp://hunter2' }, 'WEBHOOK_URL', 'https://'],
  [{ WEBHOOK_URL: 'https://user:hunter2@x' }, 'WEBHOOK_URL', 'https://'],
  [{ WEBHOOK_URL: 'https://x/hunter2' }, 'WEBHOOK_SECRET', '24 bytes'],
  [{ WEBHOOK_URL: 'https://x', WEBHOOK_SECRET: 'hunter2' }, 'WEBHOOK_SECRET', '24 bytes'],
  [{ JWT_SECRET: 'hunter2', ENVIRONMENT: 'production' }, 'JWT_SECRET', '32 bytes'],
  [{ JWT_SECRET: undefined, ENVIRONMENT: 'production' }, 'JWT_SECRET', '32 bytes'],
])('%j: exit code 1 and one line without the secret', async (env, name, takes) => {
  const server = spawnServer(env);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  const lines = linesOf(server.output);
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name}: got .*takes .*${takes}`))]);
  expect(server.output).not.toContain('hunter2');
});

test('the secrets that are right are in no output either', async () => {
  const secrets = { JWT_SECRET: 'hunter2-'.repeat(8), TURN_SECRET: 'hunter3', STATS_TOKEN: 'hunter4' };
  const REDIS_URL = 'redis://user:hunter5@127.0.0.1:1';
  const server = spawnServer({ ...secrets, REDIS_URL, TURN_SERVER: 'turn.example.com', LOG_LEVEL: 'trace' });
  await server.started();
  expect((await fetch(`${server.url}/ready`)).status).toBe(503);
  await fetch(`${server.url}/stats`, { headers: { authorization: `Bearer ${secrets.STATS_TOKEN}` } });
  server.kill('SIGINT');
  await server.exited;
  expect(server.output).not.toMatch(/hunter\d/);
});
