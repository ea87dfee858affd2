import { words } from './words.ts';

const FINGERPRINT = /^a=fingerprint:(\S+) (\S+)/gm;
const SALT = new TextEncoder().encode('record-meet safety code 1');
/**
 * The words are 40 bits. Who holds both ends' offers back, and knows both fingerprints, has to try about a million
 * certificates for each side until two codes agree: with this, a fifth of a second of a processor for each try.
 */
const ITERATIONS = 1_000_000;
const WORDS = 4;

/**
 * Four words for the connection between two browsers, made of the fingerprints of both ends' DTLS certificates
 * (RFC 8122). Both ends get the same four. With somebody between them, who has to end the encryption with
 * certificates of their own, they get different ones, unless those certificates were searched for.
 *
 * @param local `localDescription` of the connection
 * @param remote `remoteDescription` of the connection
 * @returns undefined as long as one of them, or the fingerprint in it, is missing
 * @throws TypeError where the page is no secure context
 */
export async function safetyCode(
  local: RTCSessionDescription | null,
  remote: RTCSessionDescription | null,
): Promise<string[] | undefined> {
  const ends = [fingerprintsOf(local), fingerprintsOf(remote)];
  if (ends.includes('')) return undefined;
  const secret = new TextEncoder().encode(ends.sort().join('\n'));
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: SALT, iterations: ITERATIONS };
  const numbers = new DataView(await crypto.subtle.deriveBits(algorithm, key, WORDS * 16));
  // 1024 divides 65536: every word is as likely as any other.
  return Array.from({ length: WORDS }, (_, at) => words[numbers.getUint16(at * 2) % words.length]!);
}

/** The fingerprints of one end, each once, in a form that both ends agree on. */
function fingerprintsOf(description: RTCSessionDescription | null): string {
  const found = [...(description?.sdp ?? '').matchAll(FINGERPRINT)];
  const all = found.map(([, hash, digits]) => `${hash!.toLowerCase()} ${digits!.toUpperCase()}`);
  return [...new Set(all)].sort().join(' ');
}
