import { expect, test } from 'vitest';
import { createRoomToken } from '../../client/src/server.ts';
import { type IceServer, iceServers } from '../../src/ice/ice-servers.ts';
import { build, describeWith } from '../helper.ts';
import { type Coturn, startCoturn, TURN_SECRET } from './coturn.ts';
import { TurnClient } from './turn-client.ts';

const JWT_SECRET = 'a-secret-of-the-tests-that-is-long-enough';

/** Starts coturn, and the app that mints for it. */
async function scene() {
  const coturn = await startCoturn();
  const TURN_SERVER = `127.0.0.1:${coturn.port}`;
  const server = await build({ TURN_SERVER, TURN_SECRET, JWT_SECRET, AUTH: 'required' });
  /** What the app's /ice-servers has for the bearer of this peer's token: the entry with TURN. */
  const turnOf = async (peerId: string): Promise<IceServer> => {
    const token = await createRoomToken({ room: 'r', peerId }, JWT_SECRET);
    const answer = await fetch(`${server.url}/ice-servers`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { iceServers: servers } = (await answer.json()) as { iceServers: IceServer[] };
    return servers.find(({ urls }) => urls.some((url) => url.startsWith('turn:')))!;
  };
  return { coturn, turnOf };
}

/** What coturn says to an allocation with these credentials. */
const allocate = ({ port }: Coturn, { username, credential }: IceServer) =>
  new TurnClient(port, { username, credential }).allocate();

/** What the app mints at this time. */
function mintedAt(now: number, ttlSeconds: number, secret = TURN_SECRET): IceServer {
  const options = { stun: [], turn: ['turn:127.0.0.1'], secret, ttlSeconds };
  return iceServers(options, 'peer-a', now).iceServers[0]!;
}

describeWith('coturn', 'the TURN credentials of /ice-servers, at a real coturn', () => {
  test('a room token gets credentials that allocate a relay address, at the address they name', async () => {
    const { coturn, turnOf } = await scene();
    const turn = await turnOf('peer-a');
    expect(turn.username).toMatch(/^\d+:peer-a$/);
    expect(turn.urls).toContain(`turn:127.0.0.1:${coturn.port}?transport=udp`);
    expect(await allocate(coturn, turn)).toBe(200);
  });

  test('peer ids with punctuation and in any script get credentials that work', async () => {
    const { coturn, turnOf } = await scene();
    for (const peer of ['a:b/c?d=e&f%20+#;', '__proto__', 'x'.repeat(128), 'Jürgen', '会議', '🎥']) {
      expect([peer, await allocate(coturn, await turnOf(peer))]).toEqual([peer, 200]);
    }
  });

  // coturn takes no user name with one of these four.
  test('peer ids with a space, a quote or a backslash get credentials that work', async () => {
    const { coturn, turnOf } = await scene();
    for (const peer of ['Anna B', "O'Brien", 'the "host"', 'a\\b']) {
      expect([peer, await allocate(coturn, await turnOf(peer))]).toEqual([peer, 200]);
    }
  });

  // STUN allows a user name of up to 508 bytes (RFC 8489, section 14.3).
  test('the longest peer id, 128 code points of four bytes, gets credentials that work', async () => {
    const { coturn, turnOf } = await scene();
    const turn = await turnOf('😀'.repeat(128));
    expect(await allocate(coturn, turn)).toBe(200);
    expect(Buffer.byteLength(turn.username!)).toBeLessThan(509);
  });

  test('the credentials may be used again and again until they expire', async () => {
    const { coturn, turnOf } = await scene();
    const turn = await turnOf('peer-a');
    for (let i = 0; i < 3; i++) expect(await allocate(coturn, turn)).toBe(200);
  });

  test('credentials are refused with 401 once the time in the user name is over', async () => {
    const coturn = await startCoturn();
    expect(await allocate(coturn, mintedAt(Date.now() - 3_600_000, 3660))).toBe(200);
    expect(await allocate(coturn, mintedAt(Date.now() - 3_660_000, 3600))).toBe(401);
  });

  test('forged credentials are refused with 401', async () => {
    const { coturn, turnOf } = await scene();
    const turn = await turnOf('peer-a');
    const forged = { ...turn, credential: Buffer.from('x'.repeat(20)).toString('base64') };
    expect(await allocate(coturn, forged)).toBe(401);
    expect(await allocate(coturn, mintedAt(Date.now(), 3600, 'another secret'))).toBe(401);
    expect(await allocate(coturn, mintedAt(Date.now(), 3600))).toBe(200);
  });

  test("another peer's user name with one's own credential is refused with 401", async () => {
    const { coturn, turnOf } = await scene();
    const [a, b] = [await turnOf('peer-a'), await turnOf('peer-b')];
    expect(await allocate(coturn, { ...a, credential: b.credential! })).toBe(401);
    expect(await allocate(coturn, b)).toBe(200);
  });

  test('one can not put off the expiry in the user name: 401', async () => {
    const { coturn, turnOf } = await scene();
    const turn = await turnOf('peer-a');
    const [expiry, peer] = turn.username!.split(':');
    expect(await allocate(coturn, { ...turn, username: `${Number(expiry) + 1}:${peer}` })).toBe(401);
  });
});
