import { expect, test } from 'vitest';
import { errors, serveLibrary } from '../client/library-page.ts';
import { build, describeWith, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { relay } from '../relay.ts';
import { callPage, launch, openCall, sees, servePage } from './chromium.ts';
import { longestStill, pair, STOPPED, see } from './survive.ts';

const CUTS = 20;
/** A connection that is to be cut lives no longer than this, ms. */
const LIFE = 400;
const ROUNDS = 50;

describeWith('chromium', 'a call over a bad network', () => {
  test('cut 20 times while it is being set up, it comes up', async () => {
    const { port } = await build();
    let [opened, cuts] = [0, 0];
    // Each in another place of what is said: in the handshake, before the roster, between two candidates.
    const wire = await relay(
      () => port,
      (from, to, cut) => {
        if (++opened > CUTS) return;
        let left = 3 + (opened % 7);
        const once = () => {
          if (left > -1) cuts++;
          left = -1;
          clearTimeout(life);
          cut();
        };
        const life = setTimeout(once, LIFE);
        for (const end of [from, to]) end.on('data', () => --left === 0 && once());
      },
    );
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openCall(browser, origin, wire, 'r', 'a');
    const b = await openCall(browser, origin, wire, 'r', 'b');
    await until(() => cuts === CUTS);
    await see(a, b);
    for (const page of [a, b]) {
      await until(() => page.evaluate("room.status === 'connected'"));
      expect(await errors(page)).toEqual([]);
      expect(await page.evaluate('room.peers.length')).toBe(1);
    }
  });

  test('away for longer than its grace: both sides begin anew, and see each other again', async () => {
    const server = await build({ GRACE_SECONDS: '0.5' });
    let target = server.port;
    const wire = await relay(() => target);
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openCall(browser, origin, server, 'r', 'a');
    const b = await openCall(browser, origin, wire, 'r', 'b');
    await see(a, b);
    for (const page of [a, b]) await page.evaluate('void keep()');
    target = await freePort(); // where nobody is
    wire.cut();
    await until(() => server.app.rooms.census.peers === 1);
    target = server.port;
    await see(a, b);
    for (const page of [a, b]) {
      expect(await page.evaluate('areKept()')).toBe(false);
      expect(await errors(page)).toEqual([]);
    }
  });

  test('both sides change their tracks at the same time, 50 times: no offers that collide do harm', async () => {
    const server = await build();
    const [browser, origin] = [await launch('sound'), await serveLibrary()];
    const [a, b] = await pair(browser, origin, server);
    for (const page of [a, b]) {
      // Now a further microphone comes or goes, now the camera is switched off or on: each wants an offer.
      await page.evaluate(`
          const [pc] = call.connections.values();
          const [microphone] = stream.getAudioTracks();
          const camera = pc.getTransceivers().find(({ sender }) => sender.track?.kind === 'video');
          let further;
          window.offers = 0;
          window.change = (round) => {
            offers++;
            if (round % 10 === 0) call.addTrack((further = microphone.clone()), stream);
            else if (round % 10 === 5) call.removeTrack(further);
            else camera.direction = camera.direction === 'sendrecv' ? 'recvonly' : 'sendrecv';
          };
          window.isStable = () => pc.signalingState === 'stable';
        `);
    }
    for (let round = 0; round < ROUNDS; round++)
      await Promise.all([a, b].map((page) => page.evaluate(`change(${round})`)));
    for (const page of [a, b]) await until(() => page.evaluate('isStable()'));
    await see(a, b);
    for (const page of [a, b]) {
      expect(await errors(page)).toEqual([]);
      expect(await page.evaluate('[offers, areKept()]')).toEqual([ROUNDS, true]);
      expect(await longestStill(page)).toBeLessThan(STOPPED);
    }
  });

  test('a page of the original frontend, or of the library, is loaded again in a call of both: it comes back', async () => {
    const server = await build();
    const [browser, origin, plain] = [await launch(), await serveLibrary(), await servePage(callPage)];
    const a = await openCall(browser, origin, server, 'r', 'a');
    const b = await openCall(browser, plain, server, 'r', 'b');
    await see(a, b);
    await b.reload();
    await see(a, b);
    await a.reload();
    await see(a, b);
    await b.evaluate('window.lose()');
    await until(() => server.app.rooms.census.peers === 1);
    await until(() => server.app.rooms.census.peers === 2);
    await sees(a, 'b');
    await sees(b, 'a');
    expect(await errors(a)).toEqual([]);
    expect(server.app.rooms.census.peers).toBe(2);
  });
});
