import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildApp } from '../src/app.ts';
import { startCrowd } from './crowd.ts';
import { type Name, openStudio, pageOf, press } from './studio.ts';

// Takes the pictures that the README shows: the demo page with real calls in Chromium, between drawn people, and
// the dashboard over a crowd that comes and goes.

const images = join(import.meta.dirname, '../docs/images');
const phone = { width: 390, height: 844 };

const app = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent', STUN_SERVERS: 'stun:127.0.0.1:9' });
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address() as AddressInfo;
const { browser, close } = await openStudio();

try {
  const [anna, ben, chiara, dov] = [
    await enter('Anna'),
    await enter('Ben'),
    await enter('Chiara'),
    await enter('Dov'),
  ];
  await press(dov, 'Camera off');
  await press(dov, 'Mute');
  await say(ben, 'Good morning! Can everybody see my kitchen?');
  await say(chiara, 'We can, and the lamp is new.');
  await say(anna, 'Dov is on the train, so no picture of him today.');
  await say(dov, 'Only ears, but all of them.');
  await show(anna, { width: 1280, height: 760 }, 'demo.png');
  await show(chiara, phone, 'demo-phone.png');
  for (const page of [anna, ben, chiara, dov]) await page.close();
  await dashboard();
} finally {
  await close();
  await app.close();
}

/** Watches for as long as it takes to have something to show. */
async function dashboard(): Promise<void> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 1140 });
  const stop = startCrowd(port);
  await page.goto(`http://127.0.0.1:${port}/dashboard#support-4711`);
  await page.waitForTimeout(75_000);
  await page.locator('#calls .failed summary').first().click();
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: join(images, 'dashboard.png') });
  stop();
}

/** Opens the page and joins, with the camera on. */
async function enter(name: Name): Promise<Page> {
  const page = await pageOf(browser, name);
  await page.goto(`http://127.0.0.1:${port}/demo?room=weekly`);
  await page.getByLabel('Your name').fill(name);
  await until(page, 'document.querySelector("#preview").currentTime > 0');
  await press(page, 'Join');
  await page.getByText('Connected').waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message').fill(text);
  await press(page, 'Send');
  await page.locator('#messages .text', { hasText: text }).waitFor();
}

/** Takes the picture once all the others are connected and their videos move. */
async function show(page: Page, size: { width: number; height: number }, file: string): Promise<void> {
  await page.bringToFront();
  await page.setViewportSize(size);
  await until(
    page,
    `document.querySelectorAll('#people li').length === 4 &&
     [...document.querySelectorAll('#people .status')].every((status) => status.textContent === 'here') &&
     [...document.querySelectorAll('.tile video:not(.off)')].every((video) => video.currentTime > 1)`,
  );
  await page.locator('#caption span').evaluate((caption: { remove(): void }) => caption.remove());
  await page.screenshot({ path: join(images, file) });
}

/** Waits; the page's policy forbids it to evaluate a text on its own. */
async function until(page: Page, condition: string): Promise<void> {
  while (!(await page.evaluate(condition))) await page.waitForTimeout(50);
}
