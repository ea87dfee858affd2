import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildApp } from '../src/app.ts';
import { people } from './people.ts';
import { buildExample, serveExample } from './serve-example.ts';
import { type Name, openStudio, pageOf, press } from './studio.ts';

// Takes the pictures that the README of the Next.js example shows: its production build with real calls in
// Chromium, between drawn people.

const images = join(import.meta.dirname, '../examples/nextjs/docs');
const desk = { width: 1280, height: 760 };
const phone = { width: 390, height: 844 };
/** Pictures of each camera: nine people make 72 streams, and this machine encodes and decodes them all. */
const perSecond = 2;
/** The others have no microphone: they are muted, and there is no sound of theirs to encode. */
const talkers: Name[] = ['Anna', 'Ben'];

buildExample();
const example = await serveExample();
const app = await buildApp({
  ENVIRONMENT: 'test',
  LOG_LEVEL: 'silent',
  AUTH: 'required',
  JWT_SECRET: example.jwtSecret,
  NEXT_JS_URL: example.url,
  STUN_SERVERS: 'stun:127.0.0.1:9',
});
await app.listen({ port: example.signalingPort, host: '127.0.0.1' });
const { browser, close } = await openStudio({ width: 480, height: 320 });

try {
  mkdirSync(images, { recursive: true });
  const home = await browser.newPage();
  await home.setViewportSize(desk);
  await home.goto(example.url);
  await take(home, 'home.png');
  await home.close();

  const names = Object.keys(people) as Name[];
  const anna = await greenRoom('Anna');
  await anna.setViewportSize(desk);
  await moves(anna, 1);
  await take(anna, 'green-room.png');
  await joinNow(anna);
  const pages = [anna];
  for (const name of names.slice(1, 4)) pages.push(await enter(name));
  await press(pages[3]!, 'Raise hand');
  await show(anna, 4, 'meeting-4.png');
  await say(pages[1]!, 'Good morning! Can everybody see my kitchen?');
  await say(pages[2]!, 'We can, and the lamp is new.');
  await say(anna, 'Dov has a question, I see.');
  await show(anna, 4, 'chat.png');
  await press(pages[2]!, 'Chat'); // closes it again
  await pages[2]!.setViewportSize(phone);
  await show(pages[2]!, 4, 'phone.png');
  await pages[2]!.setViewportSize({ width: 480, height: 320 });
  await press(anna, 'Chat');
  for (const name of names.slice(4)) pages.push(await enter(name));
  await show(anna, 9, 'meeting-9.png');
} finally {
  await close();
  await app.close();
  await example.close();
}

/** Opens the meeting's link and waits for the camera. */
async function greenRoom(name: Name): Promise<Page> {
  const page = await pageOf(browser, name, { perSecond, listens: !talkers.includes(name) });
  await page.goto(`${example.url}/weekly-with-the-kitchen`);
  await page.getByLabel('Your name').fill(name);
  await moves(page, 1);
  return page;
}

async function joinNow(page: Page): Promise<void> {
  await press(page, 'Join now');
  await page.getByRole('button', { name: 'Leave', exact: true }).waitFor();
}

async function enter(name: Name): Promise<Page> {
  const page = await greenRoom(name);
  await joinNow(page);
  return page;
}

/** Opens the chat, and writes. */
async function say(page: Page, text: string): Promise<void> {
  if (!(await page.getByLabel('Message').isVisible()))
    await page.getByRole('button', { name: /^Chat/ }).click();
  await page.getByLabel('Message').fill(text);
  await press(page, 'Send');
  await page.getByText(text).first().waitFor();
}

/** Waits until so many videos move. */
async function moves(page: Page, count: number): Promise<void> {
  const moving = `[...document.querySelectorAll('video')].filter((video) => video.currentTime > 1).length`;
  while ((await page.evaluate(moving)) !== count) await page.waitForTimeout(100);
}

/** Takes the picture of a meeting once everybody in it is connected and moves. */
async function show(page: Page, count: number, file: string): Promise<void> {
  await page.bringToFront();
  await moves(page, count);
  const unconnected = `[...document.querySelectorAll('article')].filter(
    (tile) => tile.dataset.status !== 'connected').length`;
  while ((await page.evaluate(unconnected)) !== 0) await page.waitForTimeout(100);
  while (await page.locator('.caption').innerText()) await page.waitForTimeout(100);
  await take(page, file);
}

async function take(page: Page, file: string): Promise<void> {
  await page.waitForTimeout(500); // what fades in has done so
  await page.screenshot({ path: join(images, file) });
}
