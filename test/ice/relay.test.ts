import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createRoomToken } from '../../client/src/server.ts';
import { callPage, launch, openCall, sees, servePage } from '../browser/chromium.ts';
import { build, describeWith } from '../helper.ts';
import { startCoturn, TURN_SECRET } from './coturn.ts';

const JWT_SECRET = 'a-secret-of-the-tests-that-is-long-enough';

/**
 * The call page, but with the TURN server of /ice-servers and no way round it. It keeps what it connects by,
 * for the test to look at.
 */
function relayPage(tokens: Record<string, string>, url: string): string {
  const first = `{
    const token = ${JSON.stringify(tokens)}[new URLSearchParams(location.search).get('peer')];
    const answer = await fetch('${url}/ice-servers', { headers: { authorization: 'Bearer ' + token } });
    const { iceServers } = await answer.json();
    const Plain = RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Plain {
      constructor() {
        super({ iceServers, iceTransportPolicy: 'relay' });
        window.connections.push(this);
      }
    };
    const Socket = WebSocket;
    window.WebSocket = class extends Socket {
      constructor(to) {
        super(to + '?token=' + token);
      }
    };
  }`;
  // In the same script: another one would not be waited for.
  return callPage.replace('<script type="module">', (script) => script + first);
}

/** The type of the local candidate of the pair that each connection runs over. */
function pathOf(page: Page): Promise<string[]> {
  return page.evaluate(`Promise.all(connections.map(async (pc) => {
    const stats = await pc.getStats();
    const transport = [...stats.values()].find(({ type }) => type === 'transport');
    const pair = stats.get(transport.selectedCandidatePairId);
    return stats.get(pair.localCandidateId).candidateType;
  }))`);
}

describeWith('chromium', 'in a real browser', () => {
  describeWith('coturn', 'a call that only TURN lets through', () => {
    test('two pages see each other over the relays that /ice-servers gave them credentials for', async () => {
      const coturn = await startCoturn();
      const TURN_SERVER = `127.0.0.1:${coturn.port}`;
      const server = await build({
        TURN_SERVER,
        TURN_SECRET,
        JWT_SECRET,
        AUTH: 'required',
        STUN_SERVERS: '',
      });
      const tokens: Record<string, string> = {};
      for (const peerId of ['peer-a', 'peer-b']) {
        tokens[peerId] = await createRoomToken({ room: 'room-1', peerId }, JWT_SECRET);
      }
      const [browser, origin] = [await launch(), await servePage(relayPage(tokens, server.url))];
      const a = await openCall(browser, origin, server, 'room-1', 'peer-a');
      const b = await openCall(browser, origin, server, 'room-1', 'peer-b');
      await sees(a, 'peer-b');
      await sees(b, 'peer-a');
      for (const page of [a, b]) expect(await pathOf(page)).toEqual(['relay']);
    });
  });
});
