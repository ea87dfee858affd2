import type { BrowserContext, Page } from 'playwright-core';
import { type Example, serveExample } from '../../../scripts/serve-example.ts';
import { listenTo } from '../../browser/console.ts';
import { until } from '../../helper.ts';
import { type ServerProcess, start } from '../../process-helper.ts';

let served: Promise<Example> | undefined;

/** The example as it is served, for all tests of this process; it ends with it. */
export function example(): Promise<Example> {
  served ??= serveExample();
  return served;
}

/** Starts the signaling server that the example's pages look for; it is killed after the test. */
export async function startServer(env: Record<string, string> = {}): Promise<ServerProcess> {
  const { url, signalingPort, jwtSecret } = await example();
  return start({
    FIBER_PORT: String(signalingPort),
    NEXT_JS_URL: url,
    AUTH: 'required',
    JWT_SECRET: jwtSecret,
    // The calls stay on this machine.
    STUN_SERVERS: 'stun:127.0.0.1:9',
    ...env,
  });
}

/** Opens a page of the example in a new tab. */
export async function open(browser: BrowserContext, path: string): Promise<Page> {
  const page = await browser.newPage();
  listenTo(page);
  const { url } = await example();
  await page.goto(url + path);
  return page;
}

/** Opens a meeting, and joins under this name once the camera is there, or known to be missing. */
export async function enter(browser: BrowserContext, room: string, name: string): Promise<Page> {
  const page = await open(browser, `/${room}`);
  await joinNow(page, name);
  return page;
}

/** Goes from the green room into the meeting. */
export async function joinNow(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await press(page, 'Join now');
  await button(page, 'Leave').waitFor();
}

export function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true });
}

export function press(page: Page, name: string): Promise<void> {
  return button(page, name).click();
}

/** The tile of this person, or of their screen. */
export function tile(page: Page, name: string) {
  return page.getByRole('article', { name, exact: true });
}

/** Waits until the tile has this `data-status`. */
export async function statusIs(page: Page, name: string, status: string): Promise<void> {
  await until(async () => (await tile(page, name).getAttribute('data-status')) === status);
}

/** How many frames the tile's video has shown; 0 without one. */
async function frames(page: Page, name: string): Promise<number> {
  const videos = await tile(page, name)
    .locator('video')
    .evaluateAll((all) =>
      all.map((one) => (one as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames),
    );
  return videos[0] ?? 0;
}

/** Waits until each of these tiles has a video that moves. */
export async function sees(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) {
    await until(async () => (await frames(page, name)) > 0);
    const before = await frames(page, name);
    await until(async () => (await frames(page, name)) > before);
  }
}

/** Waits until there are tiles of exactly these, in whichever order. */
export async function tilesAre(page: Page, ...names: string[]): Promise<void> {
  const shown = () =>
    page.getByRole('article').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  await until(async () => (await shown()).sort().join() === names.sort().join());
}

/** Writes to everybody; the chat must be shown. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
  await press(page, 'Send');
}

/** The four words for the connection to this person, once they are there; the participants must be shown. */
export async function safetyCodeOf(page: Page, name: string): Promise<string> {
  const code = page.getByRole('listitem').filter({ hasText: name }).locator('[data-safety-code]');
  await code.waitFor();
  const words = () => code.innerText();
  await until(async () => /^\s*(?:[a-z]{4,9}\s*\W?\s*){4}$/.test(await words()));
  return (await words()).match(/[a-z]+/g)!.join(' ');
}
