import { createHash, createHmac } from 'node:crypto';

/** One entry of `RTCConfiguration.iceServers` (WebRTC 1.0, section 4.2.4). */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** What a client gets. */
export interface IceAnswer {
  iceServers: IceServer[];
  /** When the TURN credentials end, ISO 8601; null without TURN. */
  expiresAt: string | null;
}

export interface IceOptions {
  /** stun: and stuns: URLs (RFC 7064). */
  stun: string[];
  /** turn: and turns: URLs (RFC 7065). */
  turn: string[];
  /** coturn's `static-auth-secret`; empty: no TURN is offered. */
  secret: string;
  ttlSeconds: number;
}

/**
 * The STUN and TURN servers for one peer, with credentials that coturn's `use-auth-secret` checks
 * (draft-uberti-behave-turn-rest-00): the user name says until when, the credential is its HMAC-SHA-1.
 *
 * @param peer the peer id, or `anonymous`
 * @param now milliseconds since 1970
 */
export function iceServers(options: IceOptions, peer: string, now: number): IceAnswer {
  const servers: IceServer[] = options.stun.length > 0 ? [{ urls: options.stun }] : [];
  if (options.turn.length === 0 || options.secret === '') return { iceServers: servers, expiresAt: null };
  const expiry = Math.floor(now / 1000) + Math.ceil(options.ttlSeconds);
  const username = usernameOf(expiry, peer);
  const credential = createHmac('sha1', options.secret).update(username).digest('base64');
  servers.push({ urls: options.turn, username, credential });
  return { iceServers: servers, expiresAt: new Date(expiry * 1000).toISOString() };
}

/** The longest user name of STUN, bytes (RFC 8489, section 14.3). */
const MAX_USERNAME = 508;

/**
 * `<expiry>:<peer id>`. The four characters that coturn refuses in a name are percent-encoded, and of an id
 * that makes the name too long its hash is taken.
 */
function usernameOf(expiry: number, peer: string): string {
  const username = `${expiry}:${peer.replace(/[ "'\\]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)}`;
  if (Buffer.byteLength(username) <= MAX_USERNAME) return username;
  return `${expiry}:${createHash('sha256').update(peer).digest('base64url')}`;
}

const HOST = String.raw`(?:\[[\da-f:.]+\]|[\w.-]+)(?::(?<port>\d+))?`;
const TURN = new RegExp(
  `^(?:(?<scheme>turns?):)?(?<host>${HOST})(?<transport>\\?transport=(?:udp|tcp))?$`,
  'i',
);
const STUN = new RegExp(`^stuns?:${HOST}$`, 'i');

/**
 * The URLs of one `TURN_SERVER` entry: over UDP and over TCP, where the entry does not say; `turns:` as it
 * is given.
 *
 * @returns undefined if it is none
 */
export function turnUrls(entry: string): string[] | undefined {
  const parts = TURN.exec(entry)?.groups;
  if (!parts || !isPort(parts.port)) return undefined;
  const { scheme, host, transport } = parts;
  if (scheme?.toLowerCase() === 'turns') return [entry];
  if (transport !== undefined) return [`turn:${host}${transport}`];
  return ['udp', 'tcp'].map((over) => `turn:${host}?transport=${over}`);
}

/** Whether this is a stun: or stuns: URL. */
export function isStunUrl(entry: string): boolean {
  const match = STUN.exec(entry);
  return match !== null && isPort(match.groups?.port);
}

function isPort(port: string | undefined): boolean {
  return port === undefined || (Number(port) > 0 && Number(port) <= 65_535);
}
