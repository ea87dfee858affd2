import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { build, describeWith, until } from '../helper.ts';
import { launch, servePage } from './chromium.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

describeWith('chromium', 'README', () => {
  test('its browser code makes a call between two pages', async () => {
    const server = await build({ STUN_SERVERS: 'stun:127.0.0.1:9' });
    const code = /```js\n(.*?)```/s
      .exec(readme)![1]!
      .replaceAll('localhost:3001', `127.0.0.1:${server.port}`);
    const origin = await servePage(`<video autoplay muted></video><script type="module">${code}</script>`);
    const browser = await launch('sound');
    const pages = [await browser.newPage(), await browser.newPage()];
    for (const page of pages) await page.goto(origin);
    for (const page of pages) {
      await until(() =>
        page.evaluate(
          '(({ videoWidth, currentTime }) => videoWidth > 0 && currentTime > 0)(document.querySelector("video"))',
        ),
      );
    }
  });
});
