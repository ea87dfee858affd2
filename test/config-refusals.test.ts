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

/** What stops the start of a server with these settings. */
async function refusal(env: Record<string, string>): Promise<string> {
  const error = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent', ...env }).then(
    (app) => app.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  const { message } = error as ConfigError;
  expect(linesOf(message)).toHaveLength(1);
  return message;
}

test.each(WRONG)(
  '%s=%j stops the start with a line that names it, what it got and what it takes',
  async (name, value, takes) => {
    const message = await refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name}: `));
    // Of a list the one wrong item is enough.
    expect(value.split(',').some((item) => message.includes(JSON.stringify(item)))).toBe(true);
    expect(message.slice(message.lastIndexOf('takes'))).toMatch(takes);
  },
);

/** What an operator sees, in a process. */
test.each<[Record<string, string>, RegExp]>([
  [{ LOG_LEVEL: 'loud', MAX_PEERS: 'many' }, /^(LOG_LEVEL|MAX_PEERS): got "(loud|many)", takes /],
  [{ LOG_LEVEL: 'forged"\nline' }, /^LOG_LEVEL: got .*forged.*, takes /],
  [
    { HOST: '192.0.2.1', JWT_SECRET: 'k'.repeat(32) },
    /^HOST: got "192\.0\.2\.1", takes an address of this machine$/,
  ],
])('%j: exit code 1 and exactly one line', async (env, line) => {
  const server = spawnServer(env);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(linesOf(server.output)).toEqual([expect.stringMatching(line)]);
});

/** What stands where the value of another setting would. */
test.each<[Record<string, string>, string, string]>([
  [{ REDIS_URL: 'http://user:hunter2@redis.example' }, 'REDIS_URL', 'rediss://'],
  [{ REDIS_URL: 'redis://:50%off-hunter2@redis.example' }, 'REDIS_URL', 'rediss://'],
  [{ REDIS_URL: 'hunter2' }, 'REDIS_URL', 'rediss://'],
  [{ WEBHOOK_URL: 'ftp://hunter2' }, 'WEBHOOK_URL', 'https://'],
  [{ WEBHOOK_URL: 'https://user:hunter2@x' }, 'WEBHOOK_URL', 'https://'],
  [{ WEBHOOK_URL: 'https://x/hunter2' }, 'WEBHOOK_SECRET', '24 bytes'],
  [{ WEBHOOK_URL: 'https://x', WEBHOOK_SECRET: 'hunter2' }, 'WEBHOOK_SECRET', '24 bytes'],
  [{ JWT_SECRET: 'hunter2', ENVIRONMENT: 'production' }, 'JWT_SECRET', '32 bytes'],
  [{ ENVIRONMENT: 'production' }, 'JWT_SECRET', '32 bytes'],
  [{ NEXT_JS_URL: 'https://user:hunter2@meet.example' }, 'NEXT_JS_URL', 'origins'],
  [{ TURN_SERVER: 'turn:user:hunter2@turn.example' }, 'TURN_SERVER', 'turn:'],
  // No header could carry them.
  [{ STATS_TOKEN: 'hunter2 ' }, 'STATS_TOKEN', 'ASCII'],
  [{ ADMIN_TOKEN: 'hunter2é' }, 'ADMIN_TOKEN', 'ASCII'],
])('%j: one line without the secret', async (env, name, takes) => {
  const message = await refusal(env);
  expect(message).toMatch(new RegExp(`^${name}: got .*takes .*${takes}`));
  expect(message).not.toContain('hunter2');
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
