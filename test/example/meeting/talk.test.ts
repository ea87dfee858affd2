import { expect, test } from 'vitest';
import { launch } from '../../browser/chromium.ts';
import { expectQuietConsoles } from '../../browser/console.ts';
import { describeWith } from '../../helper.ts';
import { button, enter, press, sees, startServer, tilesAre, write } from './site.ts';

describeWith('example', 'chat and screens in the example', () => {
  expectQuietConsoles();

  test('the chat goes both ways, counts what was not read, and takes nothing for HTML', async () => {
    const [, browser] = [await startServer(), await launch()];
    const anna = await enter(browser, 'chat', 'Anna');
    const ben = await enter(browser, 'chat', 'Ben');
    await press(anna, 'Chat');
    await write(anna, '<img src=x onerror=alert(1)> & hello');
    await write(anna, 'Are you there?');
    await anna.getByText('Are you there?').waitFor();
    // Closed, it counts; open, it has been read.
    const unread = ben.getByRole('button', { name: /^Chat.*2/ });
    await unread.waitFor();
    await unread.click();
    await ben.getByText('<img src=x onerror=alert(1)> & hello').waitFor();
    await button(ben, 'Chat').waitFor();
    await write(ben, 'I am');
    await anna.getByText('I am', { exact: true }).waitFor();
    // Who comes later reads what was said, and by whom who has left since.
    await press(anna, 'Leave');
    await tilesAre(ben, 'Ben');
    const chiara = await enter(browser, 'chat', 'Chiara');
    await chiara.getByRole('button', { name: /^Chat/ }).click();
    await chiara.getByText('Are you there?').waitFor();
    await chiara.getByText('Anna').first().waitFor();
  });

  test('a shared screen is a tile of its own, for those who come later too, until it is shared no longer', async () => {
    const [, browser] = [await startServer(), await launch()];
    const anna = await enter(browser, 'screen', 'Anna');
    const ben = await enter(browser, 'screen', 'Ben');
    await sees(anna, 'Ben');
    await press(ben, 'Share screen');
    await sees(anna, 'Ben’s screen', 'Ben');
    const chiara = await enter(browser, 'screen', 'Chiara');
    await sees(chiara, 'Ben’s screen', 'Ben');
    await tilesAre(chiara, 'Anna', 'Ben', 'Ben’s screen', 'Chiara');
    await press(ben, 'Stop sharing');
    await tilesAre(anna, 'Anna', 'Ben', 'Chiara');
    await tilesAre(chiara, 'Anna', 'Ben', 'Chiara');
    await sees(chiara, 'Ben');
    expect(await button(ben, 'Share screen').isVisible()).toBe(true);
  });
});
