import { expect, test } from 'vitest';
import { launch } from '../../browser/chromium.ts';
import { expectQuietConsoles } from '../../browser/console.ts';
import { describeWith, until } from '../../helper.ts';
import { enter, joinNow, open, press, sees, startServer, tilesAre } from './site.ts';

/** A user who takes their time to allow the devices: until the test calls `allow`. */
const HESITATES = `
  window.got = [];
  const allowed = new Promise((resolve) => { window.allow = resolve; });
  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    await allowed;
    const stream = await getUserMedia(wanted);
    got.push(...stream.getTracks());
    return stream;
  };
`;

describeWith('example', 'devices in the example', () => {
  expectQuietConsoles();

  test('a camera that is allowed during the meeting is sent; one that is allowed after it is let go of', async () => {
    const [, browser] = [await startServer(), await launch('sound')];
    const ben = await enter(browser, 'late', 'Ben');
    await browser.addInitScript(HESITATES);
    const anna = await enter(browser, 'late', 'Anna');
    const chiara = await enter(browser, 'late', 'Chiara');
    // A video that waits for a first picture keeps its page loading.
    const waiting = `[...document.querySelectorAll('video')].filter((video) => video.srcObject?.active === false).length`;
    for (const page of [anna, chiara]) expect(await page.evaluate(waiting)).toBe(0);
    await tilesAre(ben, 'Anna', 'Ben', 'Chiara');
    await anna.evaluate('allow()');
    await sees(ben, 'Anna');
    await press(chiara, 'Leave');
    await chiara.evaluate('allow()');
    await until(async () => (await chiara.evaluate('got.length')) === 2);
    await until(async () => chiara.evaluate('got.every((track) => track.readyState === "ended")'));
    // Another visit asks anew.
    await press(chiara, 'Join again');
    await joinNow(chiara, 'Chiara');
    await sees(ben, 'Chiara');
  });

  test('who goes back from the green room leaves no camera on', async () => {
    const browser = await launch('sound');
    await browser.addInitScript(HESITATES);
    const page = await open(browser, '/');
    await press(page, 'New meeting');
    await page.evaluate('allow()');
    await page.getByRole('button', { name: 'Turn camera off' }).waitFor();
    await page.goBack();
    await press(page, 'New meeting');
    await page.getByRole('button', { name: 'Turn camera off' }).waitFor();
    // It was one page all the time: the first visit's camera and microphone, and the second's.
    const states = await page.evaluate('got.map(({ readyState }) => readyState)');
    expect(states).toEqual(['ended', 'ended', 'live', 'live']);
  });

  test('in a page that is no secure context one is told what is missing, and joins without', async () => {
    const [, browser] = [await startServer(), await launch()];
    await enter(browser, 'insecure', 'Anna');
    // What browsers keep from such pages.
    await browser.addInitScript(`
      delete Navigator.prototype.mediaDevices;
      delete Crypto.prototype.randomUUID;
      delete Crypto.prototype.subtle;`);
    const ben = await open(browser, '/insecure');
    await ben.getByText('No camera: browsers give it to https pages').waitFor();
    await joinNow(ben, 'Ben');
    await sees(ben, 'Anna');
    await press(ben, 'Participants');
    await ben.getByText('There are safety codes on https pages').waitFor();
  });
});
