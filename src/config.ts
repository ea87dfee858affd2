import { BlockList, isIP } from 'node:net';
import { ConfigError } from './config-error.ts';
import { isStunUrl, turnUrls } from './ice/ice-servers.ts';
import type { Settings } from './settings.ts';
import { keyOf } from './webhooks/signature.ts';

/** The secret of a server that nobody gave one: known to all, so refused in production. */
export const INSECURE_SECRET = 'record-meet-development-secret-do-not-use';
/** Printed in the documentation, so as good as none. */
const DOCUMENTED_SECRET = 'your-secret-key-change-in-production';

/** The settings in the form in which the program uses them. */
export interface Config
  extends Omit<
    Settings,
    | 'NEXT_JS_URL'
    | 'TRUST_PROXY'
    | 'AUTH'
    | 'PORT'
    | 'FIBER_PORT'
    | 'REDIS_URL'
    | 'STUN_SERVERS'
    | 'TURN_SERVER'
  > {
  port: number;
  production: boolean;
  auth: 'off' | 'optional' | 'required';
  /** Whether `JWT_SECRET` is one that everybody knows. */
  insecureSecret: boolean;
  /** `REDIS_URL`: ways to the same Redis; none: there is only this instance. */
  redisUrls: string[];
  /** `STUN_SERVERS` as URLs. */
  stunUrls: string[];
  /** `TURN_SERVER` as URLs. */
  turnUrls: string[];
  /** Whether a page of this origin may connect. */
  allowsOrigin(origin: string): boolean;
  /** Whether what the peer at this address says in `X-Forwarded-For` counts. */
  trustsProxy(address: string): boolean;
}

/** @throws ConfigError */
export function configure(raw: Settings): Config {
  const { NEXT_JS_URL, TRUST_PROXY, AUTH, PORT, FIBER_PORT, REDIS_URL, STUN_SERVERS, TURN_SERVER, ...rest } =
    raw;
  const production = raw.ENVIRONMENT === 'production';
  checkSecret(raw.JWT_SECRET, production);
  const redisUrls = list(REDIS_URL);
  if (!redisUrls.every(isRedisUrl))
    throw new ConfigError('REDIS_URL', REDIS_URL, 'redis:// or rediss:// URLs, comma-separated');
  for (const name of ['STATS_TOKEN', 'ADMIN_TOKEN'] as const) {
    // No other could be told from what a header makes of it.
    if (!/^[\x21-\x7e]*$/.test(raw[name]))
      throw new ConfigError(name, raw[name], 'visible ASCII characters without blanks');
  }
  checkWebhooks(raw);
  return {
    ...rest,
    JWT_SECRET: raw.JWT_SECRET || INSECURE_SECRET,
    port: PORT ?? FIBER_PORT,
    production,
    auth: AUTH ?? (production ? 'required' : 'optional'),
    insecureSecret: raw.JWT_SECRET === '' || raw.JWT_SECRET === DOCUMENTED_SECRET,
    redisUrls,
    stunUrls: list(STUN_SERVERS).map(stunUrl),
    turnUrls: list(TURN_SERVER).flatMap(turnUrlsOf),
    allowsOrigin: origins(NEXT_JS_URL, production),
    trustsProxy: proxies(TRUST_PROXY),
  };
}

/** Whether it can be dialled: its parts are percent-encoded text. */
function isRedisUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^rediss?:\/\/./.test(text)) return false;
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
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
