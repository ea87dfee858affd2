import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { onTestFinished } from 'vitest';
import { until } from '../helper.ts';

/** What a browser for tests is better without. */
const FEATURES_OFF = [
  // Two pages of the browser's own in each window, which are drawn sixty times a second: most of what a test costs.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  // Playwright's own list, in place of which this one comes.
  ...['AimEnabled', 'AvoidCorsURLLoaderRestartOnRedirect', 'AvoidUnnecessaryBeforeUnloadCheckSync'],
  ...['DestroyProfileOnBrowserClose', 'HttpsFirstBalancedModeAutoEnable', 'HttpsUpgrades', 'LensOverlay'],
  ...['MediaRouter', 'NetworkTimeServiceQuerying', 'OptimizationHints', 'PaintHolding', 'PreconnectToSearch'],
  'ThirdPartyStoragePartitioning',
];

/** No network of its own, and calls over the loopback interface. */
const FLAGS = [
  `--disable-features=${FEATURES_OFF.join(',')}`,
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-renderer-backgrounding',
  '--allow-loopback-in-peer-connection',
];
const FAKE_DEVICES = '--use-fake-device-for-media-stream';
const ALLOWED = '--use-fake-ui-for-media-stream';
const WITH_CAMERA = [`${FAKE_DEVICES}=fps=5`, ALLOWED];
const DEVICES = {
  /** A camera that films a test card, and may be used: five pictures a second show as well that it moves. */
  camera: WITH_CAMERA,
  /** The same, and a microphone, which beeps: sound is three quarters of what a call costs. */
  sound: WITH_CAMERA,
  /** No camera, but a microphone. */
  noCamera: [`${FAKE_DEVICES}=device-count=0`, ALLOWED],
  /** A camera, but the user forbids it. */
  refused: [FAKE_DEVICES],
};

/**
 * Small pictures, and either no sound, where a picture is to be had as well, or one in which neither echo nor noise
 * is looked for: what a page of a call does with those of a real camera and microphone is most of what a test costs.
 */
const cheapMedia = (hasSound: boolean) => `{
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices?.getUserMedia.bind(mediaDevices);
  const sound = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const picture = { width: 160, height: 120 };
  if (getUserMedia)
    mediaDevices.getUserMedia = ({ audio, video }) =>
      getUserMedia({
        audio: audio && (${hasSound} || !video) && { ...sound, ...audio },
        video: video && { ...video, ...picture },
      });
}`;

/** For a test that fails: what each page's connections are in. */
const KEEP_CONNECTIONS = `{
  const all = [];
  globalThis.RTCPeerConnection &&= class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      all.push(this);
    }
  };
  globalThis.connectionsMade = () => all.map((pc) =>
    [pc.signalingState, pc.connectionState, pc.iceConnectionState, pc.iceGatheringState].join(' '));
}`;

/** What a page shows, for a test that failed: where it is, its connections, its videos and its text. */
async function told(page: Page): Promise<string> {
  const seen = page.evaluate(`JSON.stringify({
    connections: globalThis.connectionsMade?.(),
    videos: Array.from(document.querySelectorAll('video'), (one) =>
      [one.readyState, one.videoWidth, one.getVideoPlaybackQuality().totalVideoFrames, one.paused].join(' ')),
    marks: Array.from(document.querySelectorAll('[data-status]'), ({ ariaLabel, dataset }) => [ariaLabel, dataset.status]),
    text: document.body.innerText.slice(0, 1000),
  })`);
  const silence = new Promise((resolve) => setTimeout(resolve, 10_000, 'does not answer'));
  const what = await Promise.race([seen, silence]).catch(String);
  return `${page.url()}: ${what}`;
}

/** One Chromium for each kind of devices, for all tests of this process; they end with it. */
const started = new Map<readonly string[], Promise<Browser>>();

function chromiumWith(devices: readonly string[]): Promise<Browser> {
  const before = started.get(devices);
  if (before) return before;
  // Who is told to end has little time: enough to kill it and to remove its profile, too little to close it.
  if (started.size === 0) process.once('SIGTERM', () => process.exit());
  const browser = chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...FLAGS, ...devices],
    handleSIGTERM: false,
    timeout: 0,
  });
  started.set(devices, browser);
  browser.then((one) => one.on('disconnected', () => started.delete(devices))).catch(() => {});
  return browser;
}

/** A browser with nothing in it yet, which goes away after the test. */
export async function launch(
  devices: keyof typeof DEVICES = 'camera',
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const browser = await chromiumWith(DEVICES[devices]);
  const context = await browser.newContext({
    permissions: devices === 'refused' ? [] : ['camera', 'microphone'],
    viewport: { width: 960, height: 320 },
    ...options,
  });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') for (const page of context.pages()) console.log(await told(page));
    await context.close();
  });
  context.setDefaultTimeout(0); // the test's own is the limit
  await context.addInitScript(cheapMedia(devices !== 'camera'));
  await context.addInitScript(KEEP_CONNECTIONS);
  return context;
}

/** Serves one page on a free port of 127.0.0.1; returns its origin. */
export async function servePage(html: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(html);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The page that calls as the original frontend does. */
export const callPage = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8');

/** Opens the call page as this peer. */
export async function openCall(
  browser: BrowserContext,
  origin: string,
  server: { port: number },
  room: string,
  peer: string,
): Promise<Page> {
  const page = await browser.newPage();
  const query = new URLSearchParams({ server: `ws://127.0.0.1:${server.port}`, room, peer });
  await page.goto(`${origin}/?${query}`);
  return page;
}

/** How many frames of each peer's video this page has decoded. */
export function framesDecoded(page: Page): Promise<Record<string, number>> {
  return page.evaluate('window.framesDecoded?.() ?? {}');
}

/** Waits until the page shows moving video of exactly these peers; all need not move between the same two looks. */
export async function sees(page: Page, ...peers: string[]): Promise<void> {
  const least: Record<string, number> = {};
  await until(async () => {
    const now = await framesDecoded(page);
    for (const peer of peers)
      least[peer] = Math.min(least[peer] ?? Number.POSITIVE_INFINITY, now[peer] ?? Number.POSITIVE_INFINITY);
    return Object.keys(now).length === peers.length && peers.every((peer) => now[peer]! > least[peer]!);
  });
}
