import { expect, test } from 'vitest';
import { launch } from '../../browser/chromium.ts';
import { expectQuietConsoles } from '../../browser/console.ts';
import { describeWith, until } from '../../helper.ts';
import {
  button,
  enter,
  example,
  joinNow,
  open,
  press,
  safetyCodeOf,
  sees,
  startServer,
  statusIs,
  tile,
  tilesAre,
  write,
} from './site.ts';

describeWith('example', 'people in the example', () => {
  expectQuietConsoles();

  test('two meet by a new code, see each other, read the same safety code, and leave', async () => {
    const [server, browser] = [await startServer(), await launch()];
    const anna = await open(browser, '/');
    await press(anna, 'New meeting');
    await anna.waitForURL(/\/[^/]+$/);
    const code = new URL(anna.url()).pathname.slice(1);
    // Nobody guesses it: at least 60 bits, were they letters and digits.
    expect(code.replaceAll('-', '').length).toBeGreaterThanOrEqual(12);
    await joinNow(anna, 'Anna');

    const ben = await open(browser, '/');
    await ben.getByLabel('Meeting code').fill(code);
    await press(ben, 'Join');
    await joinNow(ben, 'Ben');
    for (const page of [anna, ben]) {
      await tilesAre(page, 'Anna', 'Ben');
      await sees(page, 'Anna', 'Ben');
    }
    await statusIs(anna, 'Ben', 'connected');
    await statusIs(ben, 'Anna', 'connected');

    for (const page of [anna, ben]) await press(page, 'Participants');
    const words = await safetyCodeOf(anna, 'Ben');
    expect(await safetyCodeOf(ben, 'Anna')).toBe(words);

    await press(ben, 'Leave');
    await tilesAre(anna, 'Anna');
    const stats = (await (await fetch(`${server.url}/stats`)).json()) as { totalPeers: number };
    expect(stats.totalPeers).toBe(1);
  });

  test('four see each other, all of one size in the grid; in the speaker view one is large', async () => {
    const [, browser] = [await startServer(), await launch()];
    const names = ['Anna', 'Ben', 'Chiara', 'Dov'];
    const pages = [];
    for (const name of names) pages.push(await enter(browser, 'four', name));
    for (const page of pages) await tilesAre(page, ...names);
    for (const page of pages) await sees(page, ...names);

    const page = pages[0]!;
    const sizes = () =>
      page.getByRole('article').evaluateAll((all) => all.map((one) => Math.round(one.clientWidth)));
    const grid = await sizes();
    expect(new Set(grid).size).toBe(1);
    await press(page, 'Speaker view');
    await until(async () => new Set(await sizes()).size === 2);
    expect(Math.max(...(await sizes()))).toBeGreaterThan(grid[0]!);
    await press(page, 'Grid view');
    await until(async () => (await sizes()).join() === grid.join());
  });

  test('the others are shown who is muted, speaks, has the camera off, and has a hand up', async () => {
    const [, browser] = [await startServer(), await launch('sound')];
    const anna = await enter(browser, 'marks', 'Anna');
    const ben = await enter(browser, 'marks', 'Ben');
    await sees(anna, 'Ben');
    const bens = tile(anna, 'Ben');
    // Chromium's microphone beeps.
    const speaks = () => bens.getAttribute('data-speaking');
    await until(async () => (await speaks()) === 'true');
    expect(await bens.getByText('muted').count()).toBe(0);
    await press(ben, 'Mute');
    await bens.getByText('muted', { exact: true }).waitFor({ state: 'attached' });
    await until(async () => (await speaks()) !== 'true');
    await press(ben, 'Unmute');
    await bens.getByText('muted', { exact: true }).waitFor({ state: 'detached' });
    await until(async () => (await speaks()) === 'true');

    await press(ben, 'Raise hand');
    await bens.getByText('hand raised', { exact: true }).waitFor({ state: 'attached' });
    await press(ben, 'Lower hand');
    await bens.getByText('hand raised', { exact: true }).waitFor({ state: 'detached' });

    await press(ben, 'Turn camera off');
    await bens.locator('video').waitFor({ state: 'hidden' });
    await press(ben, 'Turn camera on');
    await bens.locator('video').waitFor({ state: 'visible' });
    await sees(anna, 'Ben');

    // What was set before somebody came is known to them; and off in the green room is off in the meeting.
    await press(ben, 'Mute');
    const chiara = await open(browser, '/marks');
    await press(chiara, 'Mute');
    await press(chiara, 'Turn camera off');
    await joinNow(chiara, 'Chiara');
    await tile(chiara, 'Ben').getByText('muted', { exact: true }).waitFor({ state: 'attached' });
    await button(chiara, 'Unmute').waitFor();
    await tile(anna, 'Chiara').getByText('muted', { exact: true }).waitFor({ state: 'attached' });
    await tile(anna, 'Chiara').locator('video').waitFor({ state: 'hidden' });
    await press(chiara, 'Turn camera on');
    await sees(anna, 'Chiara');
  });

  test('without a camera the green room says so, and one joins without', async () => {
    await startServer();
    const [bare, browser] = [await launch('noCamera'), await launch()];
    const anna = await open(bare, '/bare');
    await anna
      .getByText(/no camera/i)
      .first()
      .waitFor();
    await joinNow(anna, 'Anna');
    const ben = await enter(browser, 'bare', 'Ben');
    await tilesAre(ben, 'Anna', 'Ben');
    await tile(ben, 'Anna').locator('video').waitFor({ state: 'hidden' });
    await sees(anna, 'Ben');
  });

  test('who refuses camera and microphone is told how to allow them, and joins without, muted', async () => {
    const [, browser] = [await startServer(), await launch('refused')];
    const anna = await open(browser, '/refused');
    await anna
      .getByText(/refused.*address bar/i)
      .first()
      .waitFor();
    await joinNow(anna, 'Anna');
    await tile(anna, 'Anna').getByText('muted', { exact: true }).waitFor({ state: 'attached' });
  });

  test('a reload in the meeting comes back under the same name, once, with the chat', async () => {
    const [, browser] = [await startServer(), await launch()];
    const anna = await enter(browser, 'reload', 'Anna');
    const ben = await enter(browser, 'reload', 'Ben');
    await sees(anna, 'Ben');
    await press(ben, 'Chat');
    await write(ben, 'Before the reload');
    await anna.getByRole('button', { name: /^Chat.*1/ }).waitFor();
    await ben.reload();
    expect(await ben.getByLabel('Your name').inputValue()).toBe('Ben');
    await press(ben, 'Join now');
    await tilesAre(anna, 'Anna', 'Ben');
    await sees(anna, 'Ben');
    await sees(ben, 'Anna');
    await ben.getByRole('button', { name: /^Chat/ }).click();
    await ben.getByText('Before the reload').waitFor();
  });

  test('nothing secret reaches the browser, and nothing comes from elsewhere', async () => {
    await startServer();
    const browser = await launch();
    const { url, jwtSecret } = await example();
    const page = await browser.newPage();
    const bodies: Promise<string>[] = [];
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    page.on('response', (response) => bodies.push(response.text().catch(() => '')));
    await page.goto(`${url}/secret`);
    const token = page.waitForResponse(/\/api\/token$/);
    await joinNow(page, 'Anna');
    await tilesAre(page, 'Anna');
    await token;
    const read = (await Promise.all(bodies)).join('\n');
    expect(read).toContain('eyJ'); // the token
    expect(read).not.toContain(jwtSecret);
    expect([...hosts].filter((origin) => origin !== url && origin !== 'null')).toEqual([]);
    for (const body of [
      '',
      'null',
      '{"room":"r"}',
      '{"room":1,"peerId":"p"}',
      '{"room":"r","peerId":"\\u0000"}',
    ]) {
      const { status } = await fetch(`${url}/api/token`, { method: 'POST', body });
      expect(status, body).toBe(400);
    }
  });
});
