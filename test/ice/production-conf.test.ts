import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type IceServer, iceServers } from '../../src/ice/ice-servers.ts';
import { describeWith, until } from '../helper.ts';
import { startCoturn, TURN_SECRET } from './coturn.ts';
import { TurnClient } from './turn-client.ts';

const conf = readFileSync(
  join(import.meta.dirname, '..', '..', 'deploy', 'coturn', 'turnserver.conf'),
  'utf8',
);

/** How coturn speaks of a line that it can't use. */
const COMPLAINT = /bad configuration|unknown|unrecognized|invalid/i;

/** Credentials of this peer. */
function minted(secret = TURN_SECRET, peer = 'peer-a'): IceServer {
  const options = { stun: [], turn: ['turn:127.0.0.1'], secret, ttlSeconds: 600 };
  return iceServers(options, peer, Date.now()).iceServers[0]!;
}

/** The credential for this user name by an empty secret. */
const emptyKeyed = (username: string) => createHmac('sha1', '').update(username).digest('base64');

describeWith('coturn', 'deploy/coturn/turnserver.conf, in a real coturn', () => {
  test('it starts, and has nothing to say against any line', async () => {
    const good = await startCoturn(conf);
    await until(() => good.output().includes('Relay ports initialization done'));
    expect(good.output()).not.toMatch(COMPLAINT);
    const bad = await startCoturn(`${conf}\nno-such-setting\n`);
    await until(() => COMPLAINT.test(bad.output()));
  });

  test('it lets in who has credentials of the signaling server, and nobody else', async () => {
    const { port } = await startCoturn(conf);
    expect(await new TurnClient(port, minted()).allocate()).toBe(200);
    expect(await new TurnClient(port, minted('another secret')).allocate()).toBe(401);
    // The line of the secret is empty until somebody fills it in: that must not be a secret.
    const unfilled = { ...minted(), credential: emptyKeyed(minted().username!) };
    expect(await new TurnClient(port, unfilled).allocate()).toBe(401);
  });

  test('it relays to public addresses, and answers 403 for those of inner networks', async () => {
    const { port } = await startCoturn(conf);
    const client = new TurnClient(port, minted());
    expect(await client.allocate()).toBe(200);
    for (const address of ['1.1.1.1', '9.255.255.255', '11.0.0.0', '172.32.0.1', '223.255.255.255']) {
      expect([address, await client.permit(address)]).toEqual([address, 200]);
    }
    const inner = [
      ...['127.0.0.1', '127.255.255.255', '10.0.0.1', '10.255.255.255', '192.168.0.1', '192.168.255.255'],
      ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '100.64.0.1', '100.127.255.255', '0.0.0.0'],
      ...['224.0.0.1', '239.255.255.255', '255.255.255.255', '192.0.0.1', '198.18.0.1', '240.0.0.1'],
    ];
    for (const address of inner) expect([address, await client.permit(address)]).toEqual([address, 403]);
  });

  test('one peer may have the relay addresses that a call with twenty others takes', async () => {
    const { port } = await startCoturn(conf);
    // Each connection to another peer takes one over UDP and one over TCP.
    for (let i = 1; i <= 40; i++) {
      expect([i, await new TurnClient(port, minted()).allocate()]).toEqual([i, 200]);
    }
  });
});
