import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { build, describeWith, join, type TestServer, until } from '../helper.ts';
import { joinV1, type V1 } from '../v1/v1.ts';
import { launch } from './chromium.ts';
import { expectQuietConsoles, listenTo, takeComplaints } from './console.ts';

const ENV = { STUN_SERVERS: 'stun:127.0.0.1:9' };

async function open(browser: BrowserContext, server: TestServer, path = '/dashboard'): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  listenTo(page);
  await page.goto(server.url + path);
  return page;
}

/** What a tile says: its figure and the note below it. */
async function tile(page: Page, name: string): Promise<string> {
  const parts = page.locator('#tiles > div', {
    has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }),
  });
  return (await parts.locator('dd').allTextContents()).join(', ');
}

/** Waits until a tile says this. */
const says = (page: Page, name: string, text: string | RegExp) =>
  until(async () => {
    const now = await tile(page, name);
    return typeof text === 'string' ? now === text : text.test(now);
  });

const rooms = (page: Page) => page.locator('#rooms .id').allTextContents();
const room = (page: Page, id: string) =>
  page.locator('#rooms button', { has: page.getByText(id, { exact: true }) });

/** Two peers, and a call between them that one says to have failed. */
async function failedCall(server: TestServer, name: string): Promise<V1[]> {
  const [a, b] = [await joinV1(server, name, 'anna'), await joinV1(server, name, 'ben')];
  a.send({ type: 'offer', to: 'ben', data: 1 });
  await b.nextOf('offer');
  b.send({ type: 'answer', to: 'anna', data: 1 });
  b.send({ type: 'ice', to: 'anna', data: 1 });
  b.send({ type: 'ice', to: 'anna', data: 2 });
  await b.flush();
  a.send({
    type: 'report',
    to: 'ben',
    data: { event: 'failed', ms: 15_000, reason: 'no pair <b>worked</b>' },
  });
  await a.flush();
  return [a, b];
}

describeWith('chromium', 'the dashboard', () => {
  expectQuietConsoles();

  test('shows how many are here, and follows them as they come and go', async () => {
    const [server, browser] = [await build(ENV), await launch()];
    const page = await open(browser, server);
    await says(page, 'Peers', '0, nobody is away');
    await page.getByText('Nobody is here.').waitFor();
    const a = await joinV1(server, 'weekly', 'a');
    const b = await join(server, 'weekly', 'b');
    await join(server, 'daily', 'c');
    await says(page, 'Peers', '3, nobody is away');
    await says(page, 'Rooms', '2, ');
    expect(await rooms(page)).toEqual(['daily', 'weekly']);
    expect(await room(page, 'weekly').locator('.facts').textContent()).toMatch(/^2 peers · since /);
    a.ws.terminate();
    await says(page, 'Peers', '3, 1 of them away');
    b.ws.close(1000);
    await until(async () =>
      (await room(page, 'weekly').locator('.facts').textContent())?.startsWith('1 peer ·'),
    );
    await page.getByRole('img', { name: 'Peers and rooms: Peers 2, Rooms 2', exact: true }).waitFor();
    expect(await page.locator('canvas').count()).toBe(4);
    await says(page, 'Instances', '1 of 1, all are heard');
    await says(page, 'Redis', 'off, in memory');
    await says(page, 'Event loop', /^\d+(\.\d)? ms, p99/);
  });

  test('counts messages per second, how long they take, and how many calls came about', async () => {
    const [server, browser] = [await build({ ...ENV, MESSAGE_RATE: '0' }), await launch()];
    const page = await open(browser, server);
    await says(page, 'Relay', '–, p99 of a minute');
    await says(page, 'Calls set up', '–, no reports yet');
    await says(page, 'Messages', '0, per second');
    const a = await joinV1(server, 'r', 'a');
    for (let n = 0; n < 640; n++) a.send({ type: 'ping' });
    await a.flush();
    await says(page, 'Messages', /^(?!0,|–)/);
    await says(page, 'Relay', /^\d+(\.\d)? [µm]s, /);
    await says(page, 'Messages', '0, per second');
    for (const event of ['connected', 'connected', 'connected', 'failed'])
      a.send({ type: 'report', to: 'b', data: { event, ms: 500, path: 'host' } });
    await says(page, 'Calls set up', '75%, 3 of 4 reports');
  });

  test('a click on a room shows its calls with their diagnosis, a click on a call what passed', async () => {
    const [server, browser] = [await build(ENV), await launch()];
    await failedCall(server, 'weekly');
    const page = await open(browser, server);
    await page.getByText('anna ↔ ben').waitFor();
    expect(await page.locator('#calls .in').textContent()).toBe('in weekly');
    await join(server, 'quiet', 'c');
    await room(page, 'quiet').waitFor();
    // An answer about a room that is chosen no longer stands under no other one's name.
    const asked: (() => void)[] = [];
    await page.route(
      '**/calls?*room=*',
      async (route) => {
        await new Promise<void>((answer) => asked.push(answer));
        await route.continue();
      },
      { times: 2 },
    );
    await room(page, 'weekly').click();
    await until(() => asked.length === 1);
    await room(page, 'quiet').click();
    asked[0]!();
    await until(() => asked.length === 2);
    await page.getByRole('heading', { name: 'Room quiet' }).waitFor();
    expect(await page.locator('#calls .in').allTextContents()).toEqual(['in weekly']); // still those of all
    asked[1]!();
    await page.getByText('No call was set up lately.').waitFor();
    await room(page, 'weekly').click();
    await page.getByRole('heading', { name: 'Room weekly' }).waitFor();
    const call = page.locator('#calls li.failed');
    expect(await call.locator('.diagnosis').textContent()).toBe(
      'anna saw the connection fail after 15 s: no pair <b>worked</b>. No TURN is configured.',
    );
    expect(await call.locator('.timeline').isVisible()).toBe(false);
    await call.locator('summary').click();
    const steps = await call.locator('.timeline > li').allTextContents();
    expect(steps.map((text) => text.replace(/^\+(0|[\d.]+ [µm]?s)/, ''))).toEqual([
      'annaoffer',
      'benanswer',
      'benice × 2',
      'annafailed after 15 s, “no pair <b>worked</b>”',
    ]);
    // It stays open while the figures go on, and the address brings one back.
    await joinV1(server, 'weekly', 'chiara');
    await page.locator('#room-facts', { hasText: '3 peers' }).waitFor();
    expect(await call.locator('.timeline').isVisible()).toBe(true);
    await page.reload();
    await page.getByRole('heading', { name: 'Room weekly' }).waitFor();
    await page.getByRole('button', { name: 'All rooms' }).click();
    await page.getByRole('heading', { name: 'Latest calls' }).waitFor();
    expect(await page.locator('#calls .in').textContent()).toBe('in weekly');
  });

  test('a click on a room shows its peers too, and follows them as they come, go and lose their connection', async () => {
    const [server, browser] = [await build(ENV), await launch()];
    const page = await open(browser, server);
    const a = await joinV1(server, 'weekly', encodeURIComponent('<i>anna</i>'));
    await join(server, 'weekly', 'ben');
    const other = await join(server, 'daily', 'x');
    const seen = (...expected: string[]) =>
      until(async () => {
        const now = await page.locator('#peers li').allInnerTexts();
        return JSON.stringify(now.map((text) => text.replaceAll('\n', ' '))) === JSON.stringify(expected);
      });
    await room(page, 'weekly').click();
    await page.getByRole('heading', { name: 'Peers', exact: true }).waitFor();
    await seen('<i>anna</i> v1', 'ben plain');
    a.ws.terminate();
    await seen('<i>anna</i> away · v1', 'ben plain');
    await joinV1(server, 'weekly', 'chiara');
    await joinV1(server, 'weekly', encodeURIComponent('<i>anna</i>'), { seat: a.welcome.seat });
    await seen('<i>anna</i> v1', 'ben plain', 'chiara v1');
    await room(page, 'daily').click();
    await seen('x plain');
    other.ws.close(1000);
    await page.locator('#peers-note', { hasText: 'Nobody is here.' }).waitFor();
    await page.getByRole('button', { name: 'All rooms' }).click();
    expect(await page.getByRole('heading', { name: 'Peers', exact: true }).isVisible()).toBe(false);
  });

  test('of a very full room it shows two hundred peers, and how many more there are', async () => {
    const [server, browser] = [await build({ ...ENV, MAX_PEERS_PER_ROOM: '0' }), await launch()];
    await Promise.all(Array.from({ length: 203 }, (_, n) => join(server, 'all hands', `p${n}`)));
    const page = await open(browser, server, '/dashboard#all%20hands');
    await page.getByText('And 3 more.').waitFor();
    expect(await page.locator('#peers li').count()).toBe(200);
  });

  test('finds rooms by a part of their id, also those of later pages, and pages through all', async () => {
    const [server, browser] = [await build({ ...ENV, JOIN_RATE: '0' }), await launch()];
    const names = Array.from({ length: 120 }, (_, n) => `room-${String(n).padStart(3, '0')}`);
    await Promise.all([...names, 'Zebra & <i>co</i>'].map((name) => join(server, name, 'p')));
    const page = await open(browser, server);
    await until(async () => (await rooms(page)).length === 50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await until(async () => (await rooms(page)).length === 100);
    await page.getByRole('button', { name: 'Show more' }).click();
    await until(async () => (await rooms(page)).length === 121);
    expect(await page.getByRole('button', { name: 'Show more' }).isVisible()).toBe(false);
    await page.getByLabel('Search rooms').fill('zebra');
    await page.getByText('1 room found.').waitFor();
    expect(await rooms(page)).toEqual(['Zebra & <i>co</i>']);
    await page.getByLabel('Search rooms').fill('no such room');
    await page.getByText('No room has this in its id.').waitFor();
    await page.getByLabel('Search rooms').fill('');
    await until(async () => (await rooms(page)).length === 50);
  });

  test('the keyboard alone is enough', async () => {
    const [server, browser] = [await build(ENV), await launch()];
    await failedCall(server, 'weekly');
    const page = await open(browser, server);
    await room(page, 'weekly').waitFor();
    await page.getByLabel('Search rooms').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Room weekly' }).waitFor();
    await until(async () => (await room(page, 'weekly').getAttribute('aria-current')) === 'true');
    await page.locator('summary').waitFor(); // its calls are asked for, and then there
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('all-rooms');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.timeline').waitFor();
    // What came meanwhile takes the focus from nobody.
    await join(server, 'another', 'x');
    await room(page, 'another').waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
  });

  test('where a token is set it asks for it, keeps it for the tab, and says if it is the wrong one', async () => {
    const [server, browser] = [await build({ ...ENV, STATS_TOKEN: 'let-me-see' }), await launch()];
    await join(server, 'weekly', 'a');
    const page = await open(browser, server);
    const field = page.getByLabel('Its STATS_TOKEN');
    await field.waitFor();
    expect(await page.locator('#board').isVisible()).toBe(false);
    for (const [wrong, answer] of [
      ['let-me-in', 'The server does not take this token.'],
      ['schlüssel ✓', 'No token looks like this'],
    ] as const) {
      await field.fill(wrong);
      await field.press('Enter');
      await page.getByRole('alert').getByText(answer).waitFor();
      // The browser itself logs the refusals.
      for (const complaint of takeComplaints()) expect(complaint).toMatch(/401|failed:/);
    }
    await field.fill('let-me-see');
    await page.getByRole('button', { name: 'Show the dashboard' }).click();
    await says(page, 'Peers', '1, nobody is away');
    expect(await rooms(page)).toEqual(['weekly']);
    await page.reload();
    await says(page, 'Peers', '1, nobody is away');
    expect(page.url()).not.toContain('let-me-see');
    const other = await open(browser, server);
    await other.getByLabel('Its STATS_TOKEN').waitFor();
  });

  test('it says so when the server does not answer, and goes on when it does', async () => {
    const [server, browser] = [await build(ENV), await launch()];
    const page = await open(browser, server);
    await page.getByText('Live, this instance').waitFor();
    await page.route('**/metrics', (route) => route.abort());
    await page.getByText(/^No answer since /).waitFor();
    await page.unroute('**/metrics');
    await page.getByText('Live, this instance').waitFor();
    for (const complaint of takeComplaints()) expect(complaint).toMatch(/ERR_FAILED|failed: .*\/metrics/);
  });

  test('without a call log it says so, and asks for none', async () => {
    const [server, browser] = [await build({ ...ENV, CALL_LOG: 'off' }), await launch()];
    const page = await open(browser, server);
    await page.getByText('Calls are not remembered: CALL_LOG is off.').waitFor();
    await says(page, 'Peers', '0, nobody is away');
  });

  test('nothing stands out of a phone’s screen, and a chosen room is scrolled to', async () => {
    const [server, browser] = [await build(ENV), await launch()];
    const long = 'a-room-with-an-id-that-goes-on-and-on-'.repeat(3);
    await failedCall(server, long);
    const page = await open(browser, server);
    await page.setViewportSize({ width: 360, height: 740 });
    await room(page, long).click();
    await page.locator('#calls summary').click();
    await page.locator('.timeline').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(await page.evaluate('document.activeElement.closest("section").id')).toBe('calls-section');
  });
});
