import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { callPage, launch, openCall, servePage } from '../../browser/chromium.ts';
import { longestStill, STOPPED } from '../../browser/survive.ts';
import { describeWith, until } from '../../helper.ts';
import { button, enter, press, sees, startServer, statusIs, tilesAre, write } from './site.ts';

/** Notes for how long the video of any tile ever stood still, and what is announced. */
const WATCH = `
  window.still = 0;
  const seen = new WeakMap();
  window.look = () => {
    const now = performance.now();
    for (const video of document.querySelectorAll('article video')) {
      const frames = video.getVideoPlaybackQuality().totalVideoFrames;
      const before = seen.get(video);
      if (before) still = Math.max(still, now - before.at);
      if (before?.frames !== frames) seen.set(video, { frames, at: now });
    }
  };
  setInterval(look, 250);
  for (const video of document.querySelectorAll('article video')) video.kept = true;
  window.captions = [];
  new MutationObserver(() => captions.push(document.querySelector('.caption').textContent))
    .observe(document.querySelector('.caption'), { childList: true, subtree: true, characterData: true });
`;

/** Whether each tile has the video that it had when the watch began. */
function areKept(page: Page): Promise<boolean> {
  return page.evaluate('[...document.querySelectorAll("article video")].every((video) => video.kept)');
}

describeWith('example', 'the example and its signaling server', () => {
  test('killed and started again: the pages say so, the video goes on, and a message of meanwhile arrives once', async () => {
    const first = await startServer();
    const browser = await launch('sound');
    const ben = await enter(browser, 'killed', 'Ben');
    await press(ben, 'Raise hand');
    await button(ben, 'Lower hand').waitFor();
    const anna = await enter(browser, 'killed', 'Anna');
    for (const page of [anna, ben]) {
      await sees(page, 'Anna', 'Ben');
      await press(page, 'Chat');
      await page.evaluate(WATCH);
    }
    first.kill('SIGKILL');
    await first.exited;
    for (const page of [anna, ben])
      await page
        .getByText(/reconnecting/i)
        .first()
        .waitFor();
    await write(anna, 'Meanwhile');
    for (const page of [anna, ben]) await sees(page, 'Anna', 'Ben');
    await startServer();
    for (const page of [anna, ben])
      await until(async () => (await page.getByText(/reconnecting/i).count()) === 0);
    await ben.getByText('Meanwhile', { exact: true }).waitFor();
    await statusIs(anna, 'Ben', 'connected');
    await statusIs(ben, 'Anna', 'connected');
    await press(ben, 'Mute');
    await anna.getByRole('article', { name: 'Ben' }).getByText('muted').waitFor({ state: 'attached' });
    for (const page of [anna, ben]) {
      await sees(page, 'Anna', 'Ben');
      await tilesAre(page, 'Anna', 'Ben');
      expect(await page.getByText('Meanwhile', { exact: true }).count()).toBe(1);
      expect(await areKept(page)).toBe(true);
      expect(await longestStill(page)).toBeLessThan(STOPPED);
    }
    // It was up before Anna came.
    expect(await anna.evaluate('captions')).not.toContain('Ben raised a hand.');
  });

  test('a page of the original frontend is called, whoever came first, and comes back after a lost socket', async () => {
    // It has no token: the server takes those who have none beside those who have a good one.
    const server = await startServer({ AUTH: 'optional', NEXT_JS_URL: '' });
    const [browser, origin] = [await launch(), await servePage(callPage)];
    const early = await openCall(browser, origin, server, 'plain', 'early-peer');
    const anna = await enter(browser, 'plain', 'Anna');
    const late = await openCall(browser, origin, server, 'plain', 'late-peer');
    await tilesAre(anna, 'Anna', 'early-peer', 'late-peer');
    await sees(anna, 'early-peer', 'late-peer');
    for (const [page, other] of [
      [early, 'late-peer'],
      [late, 'early-peer'],
    ] as const)
      await until(async () => {
        const frames = (await page.evaluate('framesDecoded()')) as Record<string, number>;
        return Object.keys(frames).length === 2 && frames[other]! > 0 && Object.values(frames).every(Boolean);
      });
    await late.evaluate('lose()');
    await tilesAre(anna, 'Anna', 'early-peer');
    await tilesAre(anna, 'Anna', 'early-peer', 'late-peer'); // three seconds later
    await sees(anna, 'early-peer', 'late-peer');
    await late.close();
    await tilesAre(anna, 'Anna', 'early-peer');
  });
});
