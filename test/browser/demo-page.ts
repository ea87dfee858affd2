import type { BrowserContext, Page } from 'playwright-core';
import { until } from '../helper.ts';
import { listenTo } from './console.ts';

/** Opens the demo page in a new tab. */
export async function openDemo(
  browser: BrowserContext,
  server: { url: string },
  query: Record<string, string> = {},
): Promise<Page> {
  const page = await browser.newPage();
  listenTo(page);
  await page.goto(`${server.url}/demo?${new URLSearchParams(query)}`);
  return page;
}

/** Opens it and joins, with what is known of the camera by then. */
export async function enter(
  browser: BrowserContext,
  server: { url: string },
  room: string,
  name: string,
): Promise<Page> {
  const page = await openDemo(browser, server, { room });
  await page.getByLabel('Your name').fill(name);
  await press(page, 'Join');
  await connected(page);
  return page;
}

/** Waits until the page says that it is connected. */
export function connected(page: Page): Promise<void> {
  return page.locator('#connection', { hasText: /^Connected$/ }).waitFor();
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Waits until the tile with this label has a video that moves. */
export async function seesTile(page: Page, label: string): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  await until(async () => {
    const now: number = await page.evaluate(`
      [...document.querySelectorAll('.tile')]
        .filter((tile) => tile.querySelector('.label').textContent === ${JSON.stringify(label)})
        .map((tile) => tile.querySelector('video:not(.off)'))
        .map((video) => (video?.videoWidth > 0 ? video.currentTime : 0))[0] ?? 0`);
    const moves = now > before;
    before = now || Number.POSITIVE_INFINITY;
    return moves;
  });
}

/** Waits until the tiles have exactly these labels. */
export async function tilesAre(page: Page, ...labels: string[]): Promise<void> {
  await until(async () => (await page.locator('.tile .label').allTextContents()).join() === labels.join());
}

/** Waits until the list of people says exactly this of each, in order. */
export async function peopleAre(page: Page, ...people: string[]): Promise<void> {
  const read = () =>
    page.evaluate(`[...document.querySelectorAll('#people li')].map((item) =>
      [...item.querySelectorAll('.who, .status, .mark')].map((part) => part.textContent).join(', '))`);
  await until(async () => ((await read()) as string[]).join('\n') === people.join('\n'));
}

/** Waits until the chat has a line that ends with this. */
export function chatHas(page: Page, text: string): Promise<void> {
  return page.locator('#messages li:not(.pending)', { hasText: text }).first().waitFor();
}

/** Writes to everybody. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message').fill(text);
  await page.getByLabel('Message').press('Enter');
}
