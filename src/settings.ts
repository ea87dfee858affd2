import { type Static, type TNumber, Type } from 'typebox';

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
    'Least level that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
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
  CALL_LOG: oneOf(['on', 'off'], '`on` or `off`: whether `/calls` remembers how calls are set up', 'on'),
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
  GRACE_SECONDS: seconds(30, 'How long the place of a lost v1 connection is kept'),
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
