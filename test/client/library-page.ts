import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { launch } from '../browser/chromium.ts';
import { build } from '../helper.ts';

const SOURCES = join(import.meta.dirname, '../../client/src');

/** Calls everybody in the room with the camera, through the library. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Call</title><script type="module">
  import { createCall, joinRoom } from '/index.ts';
  const query = new URLSearchParams(location.search);
  const [server, name, peerId, late, hold] = ['server', 'room', 'peer', 'late', 'hold'].map((key) => query.get(key));
  const camera = () => navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  const stream = late ? undefined : await camera();
  const url = server;
  // What goes to the server is written down.
  const sent = [];
  const connect = (address, protocols) => {
    const socket = new WebSocket(address, protocols);
    const send = socket.send.bind(socket);
    socket.send = (text) => sent.push(JSON.parse(text)) && send(text);
    return socket;
  };
  const room = joinRoom({ url, room: name, peerId, connect });
  Object.assign(window, { room, stream, sent, createCall, heard: [], videos: new Map(), channels: new Map() });
  window.begin = (options) => {
    const call = (window.call = createCall(room, { stream, ...options }));
    call.on('stream', ({ peer, stream }) => {
      heard.push('stream ' + peer);
      const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true });
      video.play().catch(() => {});
      videos.set(stream, video);
    });
    call.on('stream-ended', ({ peer, stream }) => heard.push('stream-ended ' + peer) && videos.delete(stream));
    call.on('connection', ({ peer, state }) => heard.push(state + ' ' + peer));
    call.on('error', ({ peer, error }) => heard.push('error ' + peer + ': ' + error.message));
    call.on('channel', ({ peer, channel }) => {
      heard.push('channel ' + channel.label + ' ' + peer);
      channels.set(channel.label + ' ' + peer, channel);
      channel.onmessage = ({ data }) => heard.push('message ' + channel.label + ' ' + peer + ': ' + data);
      channel.onclose = () => heard.push('channel-closed ' + channel.label + ' ' + peer);
    });
  };
  if (!hold) begin();
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
    for (const [peer, pc] of window.call?.connections ?? []) {
      counts[peer] = 0;
      for (const report of (await pc.getStats()).values())
        if (report.type === 'inbound-rtp' && report.kind === 'video') counts[peer] += report.framesDecoded ?? 0;
    }
    return counts;
  };
</script>`;

/** Serves the page and the library's sources, without their types, on a free port; returns the origin. */
export async function serveLibrary(): Promise<string> {
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

type Flag = 'late' | 'hold';

/** Opens a page of the library: `late` without a camera of its own yet, `hold` without a call until `begin()`. */
export async function openPage(
  browser: BrowserContext,
  origin: string,
  port: number,
  peer: string,
  ...flags: Flag[]
): Promise<Page> {
  const page = await browser.newPage();
  const query = new URLSearchParams({ server: `ws://127.0.0.1:${port}`, room: 'r', peer });
  for (const flag of flags) query.set(flag, '1');
  await page.goto(`${origin}/?${query}`);
  return page;
}

/** A server and a browser: what opens a page of the library there, as `openPage` does. */
export async function meeting(): Promise<(peer: string, ...flags: Flag[]) => Promise<Page>> {
  const { port } = await build();
  const [browser, origin] = [await launch('sound'), await serveLibrary()];
  return (peer, ...flags) => openPage(browser, origin, port, peer, ...flags);
}

/** What the page's call told its listeners, a line each. */
export const heard = (page: Page) => page.evaluate<string[]>('window.heard');

export const errors = async (page: Page) => (await heard(page)).filter((line) => line.startsWith('error'));
