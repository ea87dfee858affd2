import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, type ViewportSize } from 'playwright-core';
import { people } from './people.ts';

/** One of those who are drawn. */
export type Name = keyof typeof people;

/** Opens a Chromium in which cameras may be used, with a profile of its own, which goes when it is closed. */
export async function openStudio(
  viewport?: ViewportSize,
): Promise<{ browser: BrowserContext; close: () => Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'record-meet-screenshots-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-renderer-backgrounding',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--allow-loopback-in-peer-connection',
    ],
    permissions: ['camera', 'microphone'],
    locale: 'en-GB',
    ...(viewport && { viewport }),
  });
  const close = async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, close };
}

/** A page whose camera films somebody. `about`: further properties of `portrait`, see portrait.js. */
export async function pageOf(browser: BrowserContext, name: Name, about: object = {}): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(`globalThis.portrait = ${JSON.stringify({ ...people[name], ...about })}`);
  await page.addInitScript({ path: join(import.meta.dirname, 'portrait.js') });
  return page;
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}
