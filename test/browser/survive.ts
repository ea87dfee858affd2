import type { BrowserContext, Page } from 'playwright-core';
import { openCall, sees } from './chromium.ts';

/** Nothing of a video is seen for this long, ms, only if it has stopped: a busy machine takes its time, too. */
export const STOPPED = 30_000;

/** Notes in a page of the library what its room tells, and how long the video of a peer ever stood still. */
const WATCH = `
  window.told = [];
  for (const event of ['peer-joined', 'peer-left', 'peer-away', 'peer-back'])
    room.on(event, ({ id, peer }) => told.push(event + ' ' + (id ?? peer.id)));
  room.on('chat', ({ from, data }) => told.push('chat ' + from + ': ' + data));
  room.on('error', ({ message }) => told.push('error: ' + message));
  window.still = 0;
  const seen = new Map();
  window.look = async () => {
    const now = performance.now();
    for (const [peer, frames] of Object.entries(await framesDecoded())) {
      const before = seen.get(peer);
      if (before) still = Math.max(still, now - before.at);
      if (before?.frames !== frames) seen.set(peer, { frames, at: now });
    }
  };
  setInterval(look, 250);
  keep();
`;

/** Opens two pages of the library that see each other, and watches them from then on. */
export async function pair(
  browser: BrowserContext,
  origin: string,
  server: { port: number },
): Promise<[Page, Page]> {
  const a = await openCall(browser, origin, server, 'r', 'a');
  const b = await openCall(browser, origin, server, 'r', 'b');
  await see(a, b);
  for (const page of [a, b]) await page.evaluate(WATCH);
  return [a, b];
}

/** Waits until both see each other. */
export async function see(a: Page, b: Page): Promise<void> {
  await sees(a, 'b');
  await sees(b, 'a');
}

/** What a watched page was told. */
export const told = (page: Page) => page.evaluate<string[]>('told');

/** How long a video of a watched page stood still, at the longest, up to now, ms. */
export async function longestStill(page: Page): Promise<number> {
  await page.evaluate('look()');
  return page.evaluate('still');
}
