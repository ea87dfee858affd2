import { expect, test } from 'vitest';
import { mint, REQUIRED } from '../auth/mint.ts';
import { build, describeWith, until } from '../helper.ts';
import { callPage, launch, openCall, servePage } from './chromium.ts';
import { expectQuietConsoles } from './console.ts';
import {
  chatHas,
  connected,
  enter,
  openDemo,
  peopleAre,
  press,
  seesTile,
  tilesAre,
  write,
} from './demo-page.ts';

/** The calls stay on this machine. */
const ENV = { STUN_SERVERS: 'stun:127.0.0.1:9' };

describeWith('chromium', 'the demo page', () => {
  expectQuietConsoles();

  test('two tabs see each other, what the other has off, and who leaves', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const a = await enter(browser, server, 'room-1', 'Anna');
    const b = await enter(browser, server, 'room-1', 'Ben');
    await peopleAre(a, 'Anna (you), here', 'Ben, here');
    await peopleAre(b, 'Ben (you), here', 'Anna, here');
    for (const label of ['Anna (you)', 'Ben']) await seesTile(a, label);
    for (const label of ['Ben (you)', 'Anna']) await seesTile(b, label);
    await a.locator('#caption', { hasText: 'Ben has joined' }).waitFor();

    await press(b, 'Mute');
    await press(b, 'Camera off');
    await peopleAre(a, 'Anna (you), here', 'Ben, here, muted, camera off');
    expect(await a.locator('.tile.muted .label').allTextContents()).toEqual(['Ben']);
    expect(await a.locator('video.off').getAttribute('aria-label')).toBe('Ben');
    await press(b, 'Unmute');
    await press(b, 'Camera on');
    await peopleAre(a, 'Anna (you), here', 'Ben, here');
    await seesTile(a, 'Ben');

    await press(b, 'Leave');
    await tilesAre(a, 'Anna (you)');
    await chatHas(a, 'Ben has left');
    expect(server.app.rooms.census.peers).toBe(1);
    // The form is there again, filled in.
    await press(b, 'Join');
    await peopleAre(b, 'Ben (you), here', 'Anna, here');
    await seesTile(a, 'Ben');
  });

  test('a shared screen is a tile of its own for the others, until it is shared no longer', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const a = await enter(browser, server, 'room-1', 'Anna');
    const b = await enter(browser, server, 'room-1', 'Ben');
    await press(b, 'Share screen');
    await seesTile(a, 'Ben’s screen');
    await seesTile(a, 'Ben');
    await tilesAre(b, 'Ben (you)', 'Your screen', 'Anna');
    await peopleAre(a, 'Anna (you), here', 'Ben, here, sharing');
    // Who comes later sees it, too.
    const c = await enter(browser, server, 'room-1', 'Chiara');
    await seesTile(c, 'Ben’s screen');
    await press(b, 'Stop sharing');
    await tilesAre(a, 'Anna (you)', 'Ben', 'Chiara');
    await tilesAre(c, 'Chiara (you)', 'Anna', 'Ben');
    // Who takes so long to choose that the meeting is over shares nothing.
    await b.evaluate(`{
      const { mediaDevices } = navigator;
      const getDisplayMedia = mediaDevices.getDisplayMedia.bind(mediaDevices);
      mediaDevices.getDisplayMedia = async (wanted) => {
        const screen = await getDisplayMedia(wanted);
        await new Promise((resolve) => { window.choose = resolve; });
        return (window.chosen = screen);
      };
    }`);
    await press(b, 'Share screen');
    await until(() => b.evaluate('window.choose !== undefined'));
    await press(b, 'Leave');
    await b.evaluate('choose()');
    await until(() =>
      b.evaluate('window.chosen?.getTracks().every(({ readyState }) => readyState === "ended")'),
    );
    await press(b, 'Join');
    await tilesAre(b, 'Ben (you)', 'Anna', 'Chiara');
  });

  test('the chat goes both ways, is there for who comes later, and takes nothing for HTML', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const a = await enter(browser, server, 'room-1', '<b>Anna</b>');
    await write(a, '<img src=x onerror=alert(1)> & hello');
    const b = await enter(browser, server, 'room-1', 'Ben');
    await chatHas(b, '<img src=x onerror=alert(1)> & hello');
    await chatHas(b, '<b>Anna</b>');
    await write(b, 'hello yourself');
    await chatHas(a, 'hello yourself');
    await a.close();
    await tilesAre(b, 'Ben (you)');
    const c = await enter(browser, server, 'room-1', 'Chiara');
    const lines = await c.locator('#messages li .text').allTextContents();
    expect(lines).toEqual(['<img src=x onerror=alert(1)> & hello', 'hello yourself']);
    expect(await c.locator('#messages b').allTextContents()).toEqual(['<b>Anna</b>', 'Ben']);
  });

  test('a lost connection is shown on both sides and comes back by itself; the call and the chat go on', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const a = await enter(browser, server, 'room-1', 'Anna');
    const b = await enter(browser, server, 'room-1', 'Ben');
    await seesTile(a, 'Ben');
    for (const page of [a, b])
      await page.evaluate(`
          window.texts = new Set();
          new MutationObserver(() => texts.add(document.body.innerText))
            .observe(document.body, { childList: true, subtree: true, characterData: true })`);
    const shown = (text: string) => `[...texts].some((one) => one.includes(${JSON.stringify(text)}))`;
    const [, bens] = server.app.websocketServer.clients;
    bens!.terminate();
    await until(() => a.evaluate(shown('away, may come back')));
    await until(() => b.evaluate(shown('Connection lost. Reconnecting…')));
    await connected(b);
    await chatHas(a, 'Ben is back');
    await peopleAre(a, 'Anna (you), here', 'Ben, here');
    await write(b, 'here I am');
    await chatHas(a, 'here I am');
    await seesTile(a, 'Ben');
  });

  test('after a reload the name and the room are still there, and the next join is another peer', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const a = await enter(browser, server, 'a room/ü', 'Anna');
    const b = await openDemo(browser, server);
    // By keyboard alone: the name is remembered, so the room's name is asked for.
    await b.keyboard.type('a room/ü');
    await b.keyboard.press('Enter');
    await connected(b);
    await seesTile(a, 'Anna');
    await b.reload();
    await tilesAre(a, 'Anna (you)');
    expect(await b.getByLabel('Room', { exact: true }).inputValue()).toBe('a room/ü');
    await b.keyboard.press('Enter');
    await seesTile(a, 'Anna');
    await chatHas(a, 'Anna has left');
  });

  test.each([
    ['noCamera', 'No camera: none was found. You can join without.', 'camera off'],
    ['refused', 'No camera and microphone: you, or your system, refused it.', 'muted, camera off'],
  ] as const)(
    'without a camera (%s) the page says so, and joins all the same',
    async (devices, words, off) => {
      const server = await build(ENV);
      const [bare, browser] = [await launch(devices), await launch('sound')];
      const a = await openDemo(bare, server, { room: 'room-1' });
      await a.locator('#device-notice', { hasText: words }).waitFor();
      await a.getByLabel('Your name').fill('Anna');
      await press(a, 'Join');
      const b = await enter(browser, server, 'room-1', 'Ben');
      await peopleAre(b, 'Ben (you), here', `Anna, here, ${off}`);
      await seesTile(a, 'Ben');
      await press(a, 'Camera on');
      await a.locator('#caption', { hasText: 'No camera: ' }).waitFor();
    },
  );

  test('it calls a client of another kind, which shows nothing of itself', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const origin = await servePage(callPage);
    const a = await enter(browser, server, 'room-1', 'Anna');
    const plain = await openCall(browser, origin, server, 'room-1', 'plain-peer');
    await seesTile(a, 'plain-peer');
    await peopleAre(a, 'Anna (you), here', 'plain-peer, here');
    await plain.close();
    await tilesAre(a, 'Anna (you)');
  });

  test('where tokens are required it says how to get one, and joins with it', async () => {
    const [server, browser] = [await build({ ...ENV, ...REQUIRED }), await launch('sound')];
    const without = await openDemo(browser, server, { room: 'room-1' });
    await without.getByText('npm run --silent token').waitFor();
    await without.getByLabel('Your name').fill('Anna');
    await press(without, 'Join');
    await without.getByRole('alert').getByText('The server wants a good room token.').waitFor();

    const token = await mint('anna', { room: 'room-2', name: 'Anna B.' });
    const a = await openDemo(browser, server, { token });
    expect(await a.getByText('npm run --silent token').isVisible()).toBe(false);
    await press(a, 'Join');
    await peopleAre(a, 'Anna B. (you), here');
    expect(server.app.rooms.list(undefined, 10)).toMatchObject([{ id: 'room-2', peerCount: 1 }]);
    // Each tab wants a token of its own, and is told so.
    const again = await openDemo(browser, server, { token });
    await press(again, 'Join');
    await peopleAre(again, 'Anna B. (you), here');
    await a.getByRole('alert').getByText('You have joined again with this token').waitFor();
  });

  test('nothing stands out of a phone’s screen, before and in the call', async () => {
    const [server, browser] = [await build(ENV), await launch('sound')];
    const page = await openDemo(browser, server, { room: 'room-1' });
    await page.setViewportSize({ width: 360, height: 740 });
    const overflow = 'document.documentElement.scrollWidth - innerWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    await page.getByLabel('Your name').fill('A name that goes on and on for sixty characters, or nearly so');
    await press(page, 'Join');
    await connected(page);
    expect(await page.evaluate(overflow)).toBe(0);
    for (const name of ['Mute', 'Camera off', 'Copy link', 'Leave'])
      await page.getByRole('button', { name, exact: true }).waitFor();
  });
});
