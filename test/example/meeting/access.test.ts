import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { launch } from '../../browser/chromium.ts';
import { expectQuietConsoles } from '../../browser/console.ts';
import { describeWith, until } from '../../helper.ts';
import { button, enter, example, joinNow, open, press, sees, startServer, write } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page that is serious or critical, in both themes. */
async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    const { violations, passes } = (await page.evaluate('axe.run()')) as AxeResults;
    expect(passes.length).toBeGreaterThan(10);
    for (const { id, impact, nodes } of violations)
      if (impact === 'serious' || impact === 'critical')
        found.push(...nodes.map(({ html }) => `${colorScheme}: ${id}: ${html}`));
  }
  return found;
}

describeWith('example', 'the example for everybody', () => {
  expectQuietConsoles();

  test('axe finds nothing serious at home, in the green room, and in a meeting with chat, participants and screen', async () => {
    const [, browser] = [await startServer(), await launch('sound')];
    const page = await open(browser, '/');
    expect(await findings(page)).toEqual([]);
    await page.goto(`${page.url()}axe`);
    await page.getByLabel('Your name').waitFor();
    expect(await findings(page)).toEqual([]);
    await joinNow(page, 'Anna');
    expect(await findings(page)).toEqual([]);
    const ben = await enter(browser, 'axe', 'Ben');
    await press(ben, 'Mute');
    await press(ben, 'Raise hand');
    await press(ben, 'Share screen');
    await sees(page, 'Ben’s screen');
    await press(page, 'Chat');
    await write(page, 'Hello');
    await page.getByText('Hello', { exact: true }).waitFor();
    expect(await findings(page)).toEqual([]);
    await press(page, 'Participants');
    await page.locator('[data-safety-code]').first().waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('without scripts, home leads to a new meeting and to one of a code, and says which code is wrong', async () => {
    const browser = await launch('camera', { javaScriptEnabled: false });
    const { url } = await example();
    // Not by `open`, which would complain of scripts that are not loaded.
    const page = await browser.newPage();
    await page.goto(url);
    await press(page, 'New meeting');
    await page.waitForURL(/\/(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    await page.goto(url);
    await page.getByLabel('Meeting code').fill(`${url}/some-code`);
    await press(page, 'Join');
    await page.waitForURL(/\/some-code$/);
    await page.goto(url);
    await page.getByLabel('Meeting code').fill('/');
    await press(page, 'Join');
    await page.getByRole('alert').getByText('This is not the code of a meeting').waitFor();
  });

  test('it can be used by keyboard alone, and keys do nothing while one writes', async () => {
    const [, browser] = [await startServer(), await launch('sound')];
    const page = await open(browser, '/keys');
    const focused = (text: string) =>
      until(async () => (await page.evaluate('document.activeElement.textContent')) === text);
    await until(() => button(page, 'Join now').isEnabled());
    await page.getByLabel('Your name').focus();
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    await button(page, 'Leave').waitFor();
    await focused('Meeting keys');
    await page.keyboard.press('m');
    await button(page, 'Unmute').waitFor();
    await page.keyboard.press('h');
    await button(page, 'Lower hand').waitFor();
    await page.keyboard.press('c');
    // The panel takes the focus: what is typed is a message now.
    await page.keyboard.type('hm');
    expect(await page.getByRole('textbox', { name: 'Message', exact: true }).inputValue()).toBe('hm');
    await page.keyboard.press('Enter');
    await page.getByText('hm', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor({ state: 'detached' });
    expect(await button(page, 'Unmute').isVisible()).toBe(true);
    await focused('Meeting keys'); // which had it before
    await page.keyboard.press('m');
    await button(page, 'Mute').waitFor();
    await button(page, 'Participants').focus();
    await page.keyboard.press('Enter');
    await button(page, 'Close participants').focus();
    await page.keyboard.press('Enter');
    await focused('Participants');
    await button(page, 'Leave').focus();
    await page.keyboard.press('Enter');
    await focused('You have left the meeting.');
  });

  test('nothing stands out of a phone’s screen, and everything can be reached', async () => {
    const [, browser] = [await startServer(), await launch('sound')];
    const page = await open(browser, '/');
    await page.setViewportSize({ width: 360, height: 740 });
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(await overflow()).toBe(0);
    await page.goto(`${page.url()}phone`);
    await page.getByLabel('Your name').waitFor();
    expect(await overflow()).toBe(0);
    await joinNow(page, 'A name that goes on and on for sixty characters, or nearly so');
    const ben = await enter(browser, 'phone', 'Ben');
    await sees(page, 'Ben');
    expect(await overflow()).toBe(0);
    for (const name of ['Mute', 'Turn camera off', 'Leave']) {
      const box = (await button(page, name).boundingBox())!;
      expect(box.x >= 0 && box.x + box.width <= 360 && box.y + box.height <= 740, name).toBe(true);
    }
    await press(page, 'Chat');
    await write(page, 'From a phone');
    await ben.getByRole('button', { name: /^Chat.*1/ }).waitFor();
    expect(await overflow()).toBe(0);
  });
});
