import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { createCall, joinRoom } from '../../client/src/index.ts';
import { buildApp } from '../../src/app.ts';
import { callPage, launch, openCall, sees, servePage } from '../browser/chromium.ts';
import { build, describeWith, until } from '../helper.ts';

/** Two cores, and perhaps other tests on them: video takes its time. */
const TIMEOUT = 60_000;
const SETTINGS = { ENVIRONMENT: 'test', LOG_LEVEL: 'silent' };
const SOURCES = join(import.meta.dirname, '../../client/src');

/** Calls everybody in the room with the camera, through the library. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Call</title><script type="module">
  import { createCall, joinRoom } from '/index.ts';
  const query = new URLSearchParams(location.search);
  const [url, name, peerId, late] = ['server', 'room', 'peer', 'late'].map((key) => query.get(key));
  const camera = () => navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  const stream = late ? undefined : await camera();
  const room = joinRoom({ url, room: name, peerId });
  const call = createCall(room, { stream });
  Object.assign(window, { room, call, stream, heard: [], videos: new Map() });
  call.on('stream', ({ peer, stream }) => {
    heard.push('stream ' + peer);
    const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true });
    video.play().catch(() => {});
    videos.set(stream, video);
  });
  call.on('stream-ended', ({ peer, stream }) => heard.push('stream-ended ' + peer) && videos.delete(stream));
  call.on('connection', ({ peer, state }) => heard.push(state + ' ' + peer));
  call.on('error', ({ peer, error }) => heard.push('error ' + peer + ': ' + error.message));
  window.addCamera = async () => {
    for (const track of (await camera()).getTracks()) call.addTrack(track);
  };
  window.suffer = (peer, value) => {
    const pc = call.connections.get(peer);
    Object.defineProperty(pc, 'connectionState', { value, configurable: true });
    pc.dispatchEvent(new Event('connectionstatechange'));
    delete pc.connectionState;
  };
  window.keep = () => (window.kept = new Map(call.connections));
  window.areKept = () =>
    kept.size === call.connections.size && [...kept].every(([id, pc]) => call.connections.get(id) === pc);
  // A plain peer that takes no candidates, and whose own are only good if they are kept until its answer.
  window.hasten = (url) => {
    const socket = new WebSocket(url);
    const send = (type, data) => socket.send(JSON.stringify({ type, to: peerId, data }));
    const pc = new RTCPeerConnection();
    socket.onmessage = async (event) => {
      const { type, data } = JSON.parse(event.data);
      if (type !== 'offer') return;
      await pc.setRemoteDescription({ type, sdp: data.sdp.replace(/a=candidate.*\\r\\n/g, '') });
      pc.onicecandidate = ({ candidate }) => {
        if (candidate) send('ice', candidate);
        else send('answer', { type: 'answer', sdp });
      };
      await pc.setLocalDescription();
      const { sdp } = pc.localDescription;
    };
  };
  window.framesDecoded = async () => {
    const counts = {};
    for (const [peer, pc] of call.connections) {
      counts[peer] = 0;
      for (const report of (await pc.getStats()).values())
        if (report.type === 'inbound-rtp' && report.kind === 'video') counts[peer] += report.framesDecoded ?? 0;
    }
    return counts;
  };
</script>`;

/** Serves the page and the library's sources, without their types, on a free port; returns the origin. */
async function serveLibrary(): Promise<string> {
  const server = createServer((request, response) => {
    const [, file] = /^\/(\w+\.ts)$/.exec(request.url ?? '') ?? [];
    response.setHeader('content-type', file ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(file ? stripTypeScriptTypes(readFileSync(join(SOURCES, file), 'utf8')) : PAGE);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Opens a page of the library without a camera of its own yet. */
async function openLate(browser: BrowserContext, origin: string, port: number, peer: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(
    `${origin}/?${new URLSearchParams({ server: `ws://127.0.0.1:${port}`, room: 'r', peer, late: '1' })}`,
  );
  return page;
}

const heard = (page: Page) => page.evaluate<string[]>('window.heard');
const errors = async (page: Page) => (await heard(page)).filter((line) => line.startsWith('error'));

test('a call made after the room was joined is refused, as offers may be lost by then', async () => {
  const { port } = await build();
  const room = joinRoom({ url: `ws://127.0.0.1:${port}`, room: 'r', peerId: 'a' });
  onTestFinished(() => room.leave());
  await room.joined;
  expect(() => createCall(room)).toThrow('must follow joinRoom at once');
});

describeWith('chromium', 'mesh calls of the library, in a real browser', () => {
  test(
    'two pages see each other; a new server on the same port takes over under the same connections',
    async () => {
      const first = await buildApp({ ...SETTINGS, DRAIN_SECONDS: '1', STUN_SERVERS: 'stun:127.0.0.1:1' });
      onTestFinished(() => first.close());
      await first.listen({ port: 0, host: '127.0.0.1' });
      const { port } = first.server.address() as AddressInfo;
      const [browser, origin] = [await launch(), await serveLibrary()];
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
      await until(() => second.rooms.totalPeers === 2);
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
    },
    TIMEOUT,
  );

  test(
    'cameras that come at the same moment, are taken away or reloaded, are seen by the other side',
    async () => {
      const { port } = await build();
      const [browser, origin] = [await launch(), await serveLibrary()];
      const a = await openLate(browser, origin, port, 'a');
      const b = await openLate(browser, origin, port, 'b');
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
    },
    TIMEOUT,
  );

  test(
    'four are a mesh, one of them with the original frontend; who leaves is gone from the others',
    async () => {
      const server = await build();
      const [browser, origin, plain] = [await launch(), await serveLibrary(), await servePage(callPage)];
      const a = await openCall(browser, origin, server, 'r', 'a');
      const b = await openCall(browser, origin, server, 'r', 'b');
      await sees(b, 'a');
      const c = await openCall(browser, plain, server, 'r', 'c');
      await until(() => server.app.rooms.totalPeers === 3);
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
    },
    TIMEOUT,
  );

  test(
    'candidates that come before the answer are put to use after it',
    async () => {
      const { port } = await build();
      const [browser, origin] = [await launch(), await serveLibrary()];
      const a = await openCall(browser, origin, { port }, 'r', 'a');
      await until(() => a.evaluate("window.room?.status === 'connected'"));
      await a.evaluate(`hasten('ws://127.0.0.1:${port}/ws/r/plain')`);
      await until(async () => (await heard(a)).includes('connected plain'));
      expect(await errors(a)).toEqual([]);
    },
    TIMEOUT,
  );
});
