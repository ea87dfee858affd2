import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { callPage, launch, openCall, sees, servePage } from '../browser/chromium.ts';
import { build, describeWith, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { errors, heard, openPage, serveLibrary } from './library-page.ts';

const SETTINGS = { ENVIRONMENT: 'test', LOG_LEVEL: 'silent' };

describeWith('chromium', 'mesh calls of the library, in a real browser', () => {
  test('two pages see each other; a new server on the same port takes over under the same connections', async () => {
    const first = await buildApp({ ...SETTINGS, DRAIN_SECONDS: '1', STUN_SERVERS: 'stun:127.0.0.1:1' });
    onTestFinished(() => first.close());
    const port = await freePort();
    await first.listen({ port, host: '127.0.0.1' });
    const [browser, origin] = [await launch('sound'), await serveLibrary()];
    const a = await openCall(browser, origin, { port }, 'r', 'a');
    const b = await openCall(browser, origin, { port }, 'r', 'b');
    await sees(a, 'b');
    await sees(b, 'a');
    for (const page of [a, b]) await page.evaluate('void keep()');
    await first.close();
    await sees(a, 'b');
    const second = await buildApp({ ...SETTINGS, STUN_SERVERS: 'stun:127.0.0.1:2' });
    onTestFinished(() => second.close());
    await second.listen({ port, host: '127.0.0.1' });
    await until(() => second.rooms.census.peers === 2);
    for (const page of [a, b]) await until(() => page.evaluate("room.status === 'connected'"));
    const servers = "call.connections.get('b').getConfiguration().iceServers[0].urls[0]";
    expect(await a.evaluate(servers)).toBe('stun:127.0.0.1:2');
    // The new server carries negotiations too: other paths are found, on the same connection.
    for (const [state, page, peer] of [
      ['failed', a, 'b'],
      ['disconnected', b, 'a'],
    ] as const) {
      const path = `/ice-ufrag:(.*)/.exec(call.connections.get('${peer}').remoteDescription.sdp)[1]`;
      const before = await page.evaluate(path);
      await page.evaluate(`suffer('${peer}', '${state}')`);
      await until(async () => (await page.evaluate(path)) !== before);
    }
    await sees(a, 'b');
    await sees(b, 'a');
    for (const page of [a, b]) {
      expect(await page.evaluate('areKept()')).toBe(true);
      expect(await errors(page)).toEqual([]);
    }
  });

  test('cameras that come at the same moment, are taken away or reloaded, are seen by the other side', async () => {
    const { port } = await build();
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openPage(browser, origin, port, 'a', 'late');
    const b = await openPage(browser, origin, port, 'b', 'late');
    for (const page of [a, b]) await until(() => page.evaluate('window.call?.connections.size === 1'));
    await Promise.all([a.evaluate('addCamera()'), b.evaluate('addCamera()')]);
    await sees(a, 'b');
    await sees(b, 'a');
    await b.evaluate(
      'for (const { track } of call.connections.get("a").getSenders()) call.removeTrack(track)',
    );
    await until(async () => (await heard(a)).includes('stream-ended b'));
    expect([...(await errors(a)), ...(await errors(b))]).toEqual([]);
    await a.evaluate('void keep()');
    await b.goto(b.url().replace('&late=1', ''));
    await sees(a, 'b');
    await sees(b, 'a');
    expect(await a.evaluate('[areKept(), kept.get("b").signalingState]')).toEqual([false, 'closed']);
    await b.evaluate('call.close()');
    expect(await b.evaluate('[call.connections.size, room.status]')).toEqual([0, 'connected']);
  });

  test('four are a mesh, one of them with the original frontend; who leaves is gone from the others', async () => {
    const server = await build();
    const [browser, origin, plain] = [await launch(), await serveLibrary(), await servePage(callPage)];
    const a = await openCall(browser, origin, server, 'r', 'a');
    const b = await openCall(browser, origin, server, 'r', 'b');
    await sees(b, 'a');
    const c = await openCall(browser, plain, server, 'r', 'c');
    await until(() => server.app.rooms.census.peers === 3);
    const d = await openCall(browser, origin, server, 'r', 'd');
    await sees(a, 'b', 'c', 'd');
    await sees(b, 'a', 'c', 'd');
    await sees(c, 'a', 'b', 'd');
    await sees(d, 'a', 'b', 'c');
    // The original frontend answers a new offer with a new connection of its own.
    const print = "/fingerprint:(.*)/.exec(call.connections.get('c').remoteDescription.sdp)[1]";
    const before = await a.evaluate(print);
    await a.evaluate("call.connections.get('c').restartIce()");
    await until(async () => (await a.evaluate(print)) !== before);
    await sees(c, 'a', 'b', 'd');
    await sees(a, 'b', 'c', 'd');
    await d.evaluate('room.leave()');
    await until(async () => (await heard(a)).includes('closed d'));
    await sees(a, 'b', 'c');
    expect(await errors(a)).toEqual([]);
  });

  test('candidates that come before the answer are put to use after it', async () => {
    const { port } = await build();
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openCall(browser, origin, { port }, 'r', 'a');
    await until(() => a.evaluate("window.room?.status === 'connected'"));
    await a.evaluate(`hasten('ws://127.0.0.1:${port}/ws/r/plain')`);
    await until(async () => (await heard(a)).includes('connected plain'));
    expect(await errors(a)).toEqual([]);
  });
});
