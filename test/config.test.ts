import { describe, expect, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigError } from '../src/config-error.ts';
import { settings } from '../src/settings.ts';
import { build } from './helper.ts';

/** Every setting with its default, as the wire contract lists them: written out once more on purpose. */
const DEFAULTS = {
  FIBER_PORT: 3001,
  PORT: undefined,
  HOST: '0.0.0.0',
  NEXT_JS_URL: 'http://localhost:3000',
  LOG_LEVEL: 'info',
  ENVIRONMENT: 'development',
  TRUST_PROXY: '',
  REDIS_URL: '',
  JWT_SECRET: '',
  AUTH: undefined, // depends on ENVIRONMENT
  STATS_TOKEN: '',
  ADMIN_TOKEN: '',
  WEBHOOK_URL: '',
  WEBHOOK_SECRET: '',
  STUN_SERVERS: 'stun:stun.l.google.com:19302',
  TURN_SERVER: '',
  TURN_SECRET: '',
  TURN_TTL_SECONDS: 14_400,
  MAX_MESSAGE_BYTES: 65_536,
  MAX_FRAGMENTS: 64,
  MAX_BUFFERED_BYTES: 1_048_576,
  MAX_PEERS_PER_ROOM: 100,
  MAX_PEERS: 10_000,
  MESSAGE_RATE: 100,
  MESSAGE_BURST: 1_000,
  BYTE_RATE: 1_048_576,
  BYTE_BURST: 4_194_304,
  JOIN_RATE: 100,
  JOIN_BURST: 500,
  HEARTBEAT_SECONDS: 25,
  HEARTBEAT_TIMEOUT_SECONDS: 10,
  GRACE_SECONDS: 30,
  DRAIN_SECONDS: 10,
  CANARY_SECONDS: 0,
  CHAT_HISTORY: 50,
  CHAT_HISTORY_TTL_SECONDS: 86_400,
  REDIS_PREFIX: 'record-meet:',
  CALL_LOG: 'on',
};

const SECRET = 'a secret of the tests, long enough for HS256';
const PRODUCTION = { ENVIRONMENT: 'production', JWT_SECRET: SECRET, LOG_LEVEL: 'silent' };

/** What the app makes of these settings. */
async function configOf(env: Record<string, string>) {
  return (await build(env)).app.config;
}

/** The one line with which the start ends. */
async function refusal(env: Record<string, string>): Promise<string> {
  const error = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent', ...env }).then(
    (app) => app.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

describe('defaults', () => {
  test('every setting has the default of the contract', () => {
    const declared = Object.entries(settings.properties).map(([name, schema]) => [
      name,
      'default' in schema ? schema.default : undefined,
    ]);
    expect(Object.fromEntries(declared)).toEqual(DEFAULTS);
  });

  test('without any setting the defaults are what the server runs with', async () => {
    const config = await configOf({});
    const taken = Object.entries(config);
    for (const [name, value] of Object.entries(DEFAULTS)) {
      // Those that the program uses in another form have another name there.
      const found = taken.find(([key]) => key === name);
      if (found && name !== 'ENVIRONMENT' && name !== 'JWT_SECRET') expect(found).toEqual([name, value]);
    }
    expect(config).toMatchObject({ port: 3001, auth: 'optional', production: false, MAX_PEERS: 10_000 });
    expect(config.stunUrls).toEqual(['stun:stun.l.google.com:19302']);
    expect(config.turnUrls).toEqual([]);
    expect(config.allowsOrigin('http://localhost:3000')).toBe(true);
    expect(config.allowsOrigin('https://meet.example.com')).toBe(false);
    expect(config.trustsProxy('127.0.0.1')).toBe(false);
  });

  test('without JWT_SECRET a fixed one is used outside production, and the log names it insecure', async () => {
    const [one, two, own] = [await build(), await build(), await build({ JWT_SECRET: SECRET })];
    expect(one.app.config.JWT_SECRET).toBe(two.app.config.JWT_SECRET);
    expect(one.app.config.JWT_SECRET.length).toBeGreaterThanOrEqual(32);
    expect([one, own].map(({ app }) => app.config.insecureSecret)).toEqual([true, false]);
    const warnings = ({ logs }: typeof one) => logs.filter(({ level }) => level === 40).map(({ msg }) => msg);
    expect(warnings(one)).toEqual([expect.stringContaining('JWT_SECRET is insecure')]);
    expect(warnings(own)).toEqual([]);
  });

  test('an empty value is no value', async () => {
    const empty = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, '']));
    const plain = JSON.stringify(await configOf({}));
    expect(JSON.stringify(await configOf({ ...empty, ENVIRONMENT: 'test' }))).toBe(plain);
  });
});

describe('what goes for which', () => {
  test('PORT wins over FIBER_PORT', async () => {
    expect((await configOf({ FIBER_PORT: '4001' })).port).toBe(4001);
    expect((await configOf({ PORT: '4002' })).port).toBe(4002);
    expect((await configOf({ FIBER_PORT: '4001', PORT: '4002' })).port).toBe(4002);
  });

  test('AUTH is optional by default, in production required; either can be changed', async () => {
    expect((await configOf({})).auth).toBe('optional');
    expect((await configOf(PRODUCTION)).auth).toBe('required');
    expect((await configOf({ AUTH: 'required' })).auth).toBe('required');
    expect((await configOf({ ...PRODUCTION, AUTH: 'off' })).auth).toBe('off');
  });

  test('ENVIRONMENT=test is the same as development', async () => {
    const here = await configOf({ LOG_LEVEL: 'silent' });
    const there = await configOf({ ENVIRONMENT: 'development', LOG_LEVEL: 'silent' });
    expect({ ...there, ENVIRONMENT: 'test' }).toEqual({
      ...here,
      allowsOrigin: expect.any(Function),
      trustsProxy: expect.any(Function),
    });
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:80', 'https://elsewhere.example']) {
      expect(here.allowsOrigin(origin)).toBe(there.allowsOrigin(origin));
    }
  });

  test('NEXT_JS_URL is a list; outside production any port of localhost is allowed as well', async () => {
    const NEXT_JS_URL = 'https://meet.example.com, http://localhost:3000/';
    const config = await configOf({ NEXT_JS_URL });
    const production = await configOf({ ...PRODUCTION, NEXT_JS_URL });
    for (const { allowsOrigin } of [config, production]) {
      expect(allowsOrigin('https://meet.example.com')).toBe(true);
      expect(allowsOrigin('http://localhost:3000')).toBe(true);
      expect(allowsOrigin('http://meet.example.com')).toBe(false);
      expect(allowsOrigin('https://meet.example.com.evil.example')).toBe(false);
      expect(allowsOrigin('null')).toBe(false);
    }
    expect(config.allowsOrigin('http://127.0.0.1:8080')).toBe(true);
    expect(production.allowsOrigin('http://127.0.0.1:8080')).toBe(false);
    expect(production.allowsOrigin('http://localhost:3001')).toBe(false);
  });

  test('TRUST_PROXY is a list of addresses and ranges', async () => {
    const { trustsProxy } = await configOf({ TRUST_PROXY: '10.0.0.0/8, 192.0.2.1,fd00::/8' });
    expect(['10.1.2.3', '192.0.2.1', 'fd00::1'].map(trustsProxy)).toEqual([true, true, true]);
    expect(['11.0.0.1', '192.0.2.2', 'fe80::1', ''].map(trustsProxy)).toEqual([false, false, false, false]);
  });
});

describe('production', () => {
  test('starts with a secret of at least 32 bytes', async () => {
    expect((await configOf(PRODUCTION)).production).toBe(true);
    expect((await configOf({ ...PRODUCTION, JWT_SECRET: 'é'.repeat(16) })).production).toBe(true);
  });

  test.each([
    ['none', ''],
    ['one of 31 bytes', 'x'.repeat(31)],
    ['the documented example', 'your-secret-key-change-in-production'],
  ])('refuses to start with this JWT_SECRET: %s', async (_which, JWT_SECRET) => {
    const line = await refusal({ ...PRODUCTION, JWT_SECRET });
    expect(line).toMatch(/^JWT_SECRET: .*32 bytes/);
    if (JWT_SECRET) expect(line).not.toContain(JWT_SECRET);
  });

  test('refuses to start with the secret that is used where none is given', async () => {
    const { JWT_SECRET } = await configOf({});
    expect(await refusal({ ...PRODUCTION, JWT_SECRET })).toMatch(/^JWT_SECRET: /);
  });
});
