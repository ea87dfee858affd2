import { BlockList, isIP } from 'node:net';
import { type Static, type TNumber, Type } from 'typebox';
import { isStunUrl, turnUrls } from './ice/ice-servers.ts';
import { keyOf } from './webhooks/signature.ts';

/** The secret of a server that nobody gave one: known to all, so refused in production. */
export const INSECURE_SECRET = 'record-meet-development-secret-do-not-use';
/** Printed in the documentation, so as good as none. */
const DOCUMENTED_SECRET = 'your-secret-key-change-in-production';

const count = (value: number, description: string) =>
  // The library under the socket counts in 32 bits.
  Type.Integer({ default: value, minimum: 0, maximum: 2_147_483_647, description });
const rate = (value: number, description: string) => Type.Number({ default: value, minimum: 0, description });
// A timer of Node's can't run for longer than 2^31 - 1 ms.
const seconds = (value: number, description: string, minimum = 0, maximum = 2_000_000): TNumber =>
  Type.Number({ default: value, minimum, maximum, description });
const text = (value: string, description: string) => Type.String({ default: value, description });
const oneOf = <const T extends string>(values: readonly T[], description: string, value?: T) =>
  Type.Unsafe<T>({
    type: 'string',
    enum: [...values],
    description,
    ...(value === undefined ? {} : { default: value }),
  });

/** All settings, as environment variables: the one place where they are declared. */
export const settings = Type.Object({
  FIBER_PORT: Type.Integer({
    default: 3001,
    minimum: 0,
    maximum: 65_535,
    description: 'Port to listen on; 0 takes a free one',
  }),
  PORT: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 65_535, description: 'The same, and wins over `FIBER_PORT`' }),
  ),
  HOST: text('0.0.0.0', 'Address to listen on'),
  NEXT_JS_URL: text(
    'http://localhost:3000',
    'Origins of the pages that may connect, comma-separated; outside production any port of localhost may, too',
  ),
  LOG_LEVEL: oneOf(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'Least level that is logged',
    'info',
  ),
  ENVIRONMENT: oneOf(
    ['development', 'test', 'production'],
    '`development`; `test`: the same with JSON logs; `production`: wants real secrets and tokens',
    'development',
  ),
  TRUST_PROXY: text('', 'Addresses or ranges of the proxies whose `X-Forwarded-For` counts, comma-separated'),
  REDIS_URL: text(
    '',
    '`redis://` or `rediss://` of the Redis that joins many instances: a single one, a node of a cluster, or a sentinel (the path names its master); more than one comma-separated; empty: in memory, one instance',
  ),
  REDIS_PREFIX: text('record-meet:', 'Begins all keys in Redis'),
  JWT_SECRET: text(
    '',
    'Key of room tokens and seats, in production at least 32 bytes; empty outside production: a fixed, insecure one',
  ),
  AUTH: Type.Optional(
    oneOf(
      ['off', 'optional', 'required'],
      'Room tokens: `off`, `optional` (checked if there is one) or `required`; default `optional`, in production `required`',
    ),
  ),
  STATS_TOKEN: text(
    '',
    'Bearer token that `/stats`, `/calls` and `/metrics` want; empty: open, but in production without the rooms and `/calls`',
  ),
  ADMIN_TOKEN: text('', 'Bearer token of the admin API; empty: there is none'),
  CALL_LOG: oneOf(['on', 'off'], 'Whether `/calls` remembers how calls are set up', 'on'),
  WEBHOOK_URL: text(
    '',
    'URL that is told which rooms start and end, and who joins and leaves; empty: nobody is told',
  ),
  WEBHOOK_SECRET: text('', 'Key that signs what is told there, at least 24 bytes; after `whsec_` in base64'),
  STUN_SERVERS: text('stun:stun.l.google.com:19302', 'STUN servers for the clients, comma-separated'),
  TURN_SERVER: text(
    '',
    'TURN servers for the clients, comma-separated: host, host:port, or a turn:/turns: URL',
  ),
  TURN_SECRET: text('', "coturn's `static-auth-secret`; without it `TURN_SERVER` is left out"),
  TURN_TTL_SECONDS: seconds(14_400, 'How long TURN credentials are good', 1, 31_536_000),
  MAX_MESSAGE_BYTES: count(65_536, 'Bytes of one message'),
  MAX_FRAGMENTS: count(64, 'Fragments of one message'),
  MAX_BUFFERED_BYTES: count(1_048_576, 'Bytes of output that may wait for one peer'),
  MAX_PEERS_PER_ROOM: count(100, 'Peers of one room'),
  MAX_PEERS: count(10_000, 'Peers of one instance'),
  MESSAGE_RATE: rate(100, 'Messages per second of one connection'),
  MESSAGE_BURST: count(1_000, 'Messages of one connection at once'),
  BYTE_RATE: rate(1_048_576, 'Bytes per second of one connection'),
  BYTE_BURST: count(4_194_304, 'Bytes of one connection at once'),
  JOIN_RATE: rate(100, 'Joins per second from one address (IPv6: from one /64)'),
  JOIN_BURST: count(500, 'Joins from one address at once'),
  HEARTBEAT_SECONDS: seconds(25, 'Each peer is pinged this often', 0.1),
  HEARTBEAT_TIMEOUT_SECONDS: seconds(10, 'A peer is dead if nothing came this long after a ping', 0.1),
  GRACE_SECONDS: seconds(30, 'How long the seat of a lost v1 connection is kept'),
  DRAIN_SECONDS: seconds(10, 'How long a shutdown takes to move the peers away'),
  CANARY_SECONDS: seconds(
    0,
    'How often the server tries itself with two peers of its own, for `/metrics` and the log; 0: never',
  ),
  CHAT_HISTORY: count(50, 'Chat messages that are kept of one room'),
  CHAT_HISTORY_TTL_SECONDS: seconds(86_400, 'How long after the last one they are kept', 0, 31_536_000),
});

/** The settings as they were given, checked and with defaults. */
export type Settings = Static<typeof settings>;

/** Settings whose value is never printed. */
const SECRET = new Set([
  'JWT_SECRET',
  'TURN_SECRET',
  'STATS_TOKEN',
  'ADMIN_TOKEN',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'REDIS_URL',
]);

/** A setting that can't be used. Its message is one line, and holds no secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';

  /**
   * @param name the environment variable
   * @param got its value
   * @param takes what it should be: "an integer of at least 0"
   */
  constructor(name: string, got: string, takes: string) {
    const shown = SECRET.has(name) ? 'a value that is not shown' : JSON.stringify(got);
    super(`${name}: got ${got === '' ? 'nothing' : shown}, takes ${takes}`);
  }
}

/** The settings in the form in which the program uses them. */
export interface Config
  extends Omit<
    Settings,
    'NEXT_JS_URL' | 'TRUST_PROXY' | 'AUTH' | 'PORT' | 'FIBER_PORT' | 'STUN_SERVERS' | 'TURN_SERVER'
  > {
  port: number;
  production: boolean;
  auth: 'off' | 'optional' | 'required';
  /** Whether `JWT_SECRET` is one that everybody knows. */
  insecureSecret: boolean;
  /** `STUN_SERVERS` as URLs. */
  stunUrls: string[];
  /** `TURN_SERVER` as URLs. */
  turnUrls: string[];
  /** Whether a page of this origin may connect. */
  allowsOrigin(origin: string): boolean;
  /** Whether what the peer at this address says in `X-Forwarded-For` counts. */
  trustsProxy(address: string): boolean;
}

/** The settings without the empty ones, which count as not given. */
export function given(env: Record<string, string | undefined>): Record<string, string> {
  const names = Object.keys(settings.properties);
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/**
 * Refuses what Ajv would turn into a number although nobody meant one: a blank would be 0, 1e999 no limit.
 *
 * @throws ConfigError
 */
export function checkNumbers(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) {
    const { type } = settings.properties[name as keyof Settings] as { type: string };
    if (type !== 'string' && !/^[+-]?\d+(\.\d+)?$/.test(value.trim())) throw wrong(name, env);
  }
}

/** @throws ConfigError */
export function configure(raw: Settings): Config {
  const { NEXT_JS_URL, TRUST_PROXY, AUTH, PORT, FIBER_PORT, STUN_SERVERS, TURN_SERVER, ...rest } = raw;
  const production = raw.ENVIRONMENT === 'production';
  checkSecret(raw.JWT_SECRET, production);
  for (const url of list(raw.REDIS_URL)) {
    if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url))
      throw new ConfigError('REDIS_URL', raw.REDIS_URL, 'redis:// or rediss:// URLs, comma-separated');
  }
  checkWebhooks(raw);
  return {
    ...rest,
    JWT_SECRET: raw.JWT_SECRET || INSECURE_SECRET,
    port: PORT ?? FIBER_PORT,
    production,
    auth: AUTH ?? (production ? 'required' : 'optional'),
    insecureSecret: raw.JWT_SECRET === '' || raw.JWT_SECRET === DOCUMENTED_SECRET,
    stunUrls: list(STUN_SERVERS).map(stunUrl),
    turnUrls: list(TURN_SERVER).flatMap(turnUrlsOf),
    allowsOrigin: origins(NEXT_JS_URL, production),
    trustsProxy: proxies(TRUST_PROXY),
  };
}

function checkSecret(secret: string, production: boolean): void {
  if (!production) return;
  if (Buffer.byteLength(secret) < 32 || secret === DOCUMENTED_SECRET || secret === INSECURE_SECRET) {
    const takes = 'in production a secret of at least 32 bytes that is not the documented example';
    throw new ConfigError('JWT_SECRET', secret, takes);
  }
}

function checkWebhooks({ WEBHOOK_URL: url, WEBHOOK_SECRET: secret }: Settings): void {
  if (url === '') return;
  const { protocol, username } = URL.parse(url) ?? {};
  if (!/^https?:$/.test(protocol ?? '') || username !== '')
    throw new ConfigError('WEBHOOK_URL', url, 'an http:// or https:// URL without a user name');
  if (keyOf(secret).length < 24)
    throw new ConfigError('WEBHOOK_SECRET', secret, 'with WEBHOOK_URL a secret of at least 24 bytes');
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function stunUrl(item: string): string {
  if (isStunUrl(item)) return item;
  throw new ConfigError('STUN_SERVERS', item, 'URLs like stun:stun.example.com:3478, comma-separated');
}

function turnUrlsOf(item: string): string[] {
  const urls = turnUrls(item);
  if (urls) return urls;
  throw new ConfigError('TURN_SERVER', item, 'hosts, host:port, or turn: and turns: URLs, comma-separated');
}

const LOCAL = /^http:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?$/;

function origins(value: string, production: boolean): Config['allowsOrigin'] {
  const allowed = new Set(
    list(value).map((item) => {
      const url = URL.parse(item);
      // A path would be dropped in silence, and whoever wrote it meant something by it.
      if (
        !url ||
        !/^https?:$/.test(url.protocol) ||
        url.pathname !== '/' ||
        url.search ||
        url.hash ||
        url.username
      ) {
        throw new ConfigError('NEXT_JS_URL', item, 'origins like https://meet.example.com, comma-separated');
      }
      return url.origin;
    }),
  );
  return (origin) => allowed.has(origin) || (!production && LOCAL.test(origin));
}

function proxies(value: string): Config['trustsProxy'] {
  const trusted = new BlockList();
  for (const item of list(value)) {
    const [address = '', prefix, ...more] = item.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    if (
      !family ||
      more.length ||
      (bits !== undefined && !(/^\d+$/.test(prefix!) && bits <= (family === 4 ? 32 : 128)))
    ) {
      throw new ConfigError('TRUST_PROXY', item, 'addresses or ranges like 10.0.0.0/8, comma-separated');
    }
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) trusted.addAddress(address, type);
    else trusted.addSubnet(address, bits, type);
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** Turns the first failed check into a line that says what the setting takes. */
export function explain(errors: { instancePath: string }[], env: Record<string, string>): ConfigError {
  return wrong(errors[0]!.instancePath.slice(1), env);
}

function wrong(name: string, env: Record<string, string>): ConfigError {
  const schema = settings.properties[name as keyof Settings] as {
    type: string;
    enum?: string[];
    minimum?: number;
    maximum?: number;
  };
  const kind = schema.type === 'integer' ? 'an integer' : 'a number';
  const range =
    schema.maximum === undefined
      ? `of at least ${schema.minimum}`
      : `from ${schema.minimum} to ${schema.maximum}`;
  const takes = schema.enum ? `one of ${schema.enum.join(', ')}` : `${kind} ${range}`;
  return new ConfigError(name, env[name] ?? '', takes);
}
