import { test } from 'vitest';
import { build, describeWith } from '../helper.ts';
import { launch } from './chromium.ts';
import { expectQuietConsoles, listenTo } from './console.ts';

describeWith('chromium', 'the API page', () => {
  expectQuietConsoles();

  test('shows the requests, and answers one of them', async () => {
    const [server, browser] = [await build({ ADMIN_TOKEN: 'token' }), await launch()];
    const page = await browser.newPage();
    listenTo(page);
    await page.goto(`${server.url}/docs`);
    await page.getByText('Whether a load balancer should send anybody here').click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').getByText('"status": "ok"').waitFor();
    await page.getByText('Removes all peers of a room').waitFor();
  });
});
