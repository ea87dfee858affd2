import { expect, test } from 'vitest';
import { iceServers, isStunUrl, turnUrls } from '../../src/ice/ice-servers.ts';

const overBoth = (host: string) => [`turn:${host}?transport=udp`, `turn:${host}?transport=tcp`];

test.each([
  ['turn.example.com', overBoth('turn.example.com')],
  ['your-turn-server.com', overBoth('your-turn-server.com')],
  ['localhost', overBoth('localhost')],
  ['turn.example.com:3478', overBoth('turn.example.com:3478')],
  ['192.0.2.1', overBoth('192.0.2.1')],
  ['192.0.2.1:65535', overBoth('192.0.2.1:65535')],
  ['[2001:db8::1]', overBoth('[2001:db8::1]')],
  ['[2001:db8::1]:3478', overBoth('[2001:db8::1]:3478')],
  ['turn:turn.example.com', overBoth('turn.example.com')],
  ['turn:turn.example.com:5349', overBoth('turn.example.com:5349')],
  ['turn:[::1]:3478', overBoth('[::1]:3478')],
  ['turn:turn.example.com?transport=udp', ['turn:turn.example.com?transport=udp']],
  ['turn:turn.example.com:80?transport=tcp', ['turn:turn.example.com:80?transport=tcp']],
  ['turns:turn.example.com', ['turns:turn.example.com']],
  ['turns:turn.example.com:443?transport=tcp', ['turns:turn.example.com:443?transport=tcp']],
])('the TURN server %s is offered as %j', (entry, urls) => {
  expect(turnUrls(entry)).toEqual(urls);
});

test.each([
  '',
  'turn:',
  'turn://turn.example.com',
  'http://turn.example.com',
  'stun:turn.example.com',
  'turn.example.com:',
  'turn.example.com:0',
  'turn.example.com:65536',
  'turn.example.com:http',
  'turn.example.com?transport=sctp',
  'turn.example.com/path',
  'user@turn.example.com',
  'turn.example.com turn2.example.com',
  '2001:db8::1',
  '[2001:db8::1',
  'turn.example.com\n',
])('%j is no TURN server', (entry) => {
  expect(turnUrls(entry)).toBeUndefined();
});

test.each([
  'stun:stun.example.com',
  'stun:stun.example.com:19302',
  'stuns:stun.example.com:5349',
  'stun:192.0.2.1:3478',
  'stun:[2001:db8::1]',
  'stun:[2001:db8::1]:3478',
])('%s is a STUN URL', (entry) => {
  expect(isStunUrl(entry)).toBe(true);
});

test.each([
  '',
  'stun:',
  'stun.example.com',
  'turn:stun.example.com',
  'stun://stun.example.com',
  'stun:a:0',
  'stun:a:65536',
  'stun:a?transport=udp',
  'stun:2001:db8::1',
])('%j is no STUN URL', (entry) => {
  expect(isStunUrl(entry)).toBe(false);
});

const options = { stun: ['stun:s'], turn: ['turn:t'], secret: 'north', ttlSeconds: 86_400 };

test('the credential is the HMAC-SHA-1, as openssl computes it, of expiry and peer, in base64', () => {
  const { iceServers: servers, expiresAt } = iceServers(options, 'alice', 1_700_000_000_999);
  expect(servers).toEqual([
    { urls: ['stun:s'] },
    { urls: ['turn:t'], username: '1700086400:alice', credential: 'SXua5ne/+mDhiHTp0pQJzRO4ESg=' },
  ]);
  expect(expiresAt).toBe('2023-11-15T22:13:20.000Z');
});

test('without a secret, or without a server, there is no TURN and nothing that expires', () => {
  const alone = { iceServers: [{ urls: ['stun:s'] }], expiresAt: null };
  expect(iceServers({ ...options, secret: '' }, 'a', 0)).toEqual(alone);
  expect(iceServers({ ...options, turn: [] }, 'a', 0)).toEqual(alone);
});

test('without STUN there is no empty entry, which browsers refuse', () => {
  expect(iceServers({ ...options, stun: [], turn: [] }, 'a', 0)).toEqual({ iceServers: [], expiresAt: null });
  expect(iceServers({ ...options, stun: [] }, 'a', 0).iceServers).toHaveLength(1);
});
