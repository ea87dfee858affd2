import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { launch, servePage } from '../../browser/chromium.ts';
import { describeWith } from '../../helper.ts';
import { example } from './site.ts';

/** Asks as a program does that is no browser. */
async function ask(body: object): Promise<Response> {
  const { url } = await example();
  return fetch(`${url}/api/token`, { method: 'POST', body: JSON.stringify(body) });
}

describeWith('example', 'the token route of the example', () => {
  test('it signs no token for the peer id that the signaling server refuses', async () => {
    expect((await ask({ room: 'r', peerId: 'server' })).status).toBe(400);
    expect((await ask({ room: 'server', peerId: 'p' })).status).toBe(200);
  });

  test('it cuts a long name, but none of its characters', async () => {
    const long = `${'x'.repeat(59)}🎥`;
    const answer = await ask({ room: 'r', peerId: 'p', name: `${long}🎥` });
    const { token } = (await answer.json()) as { token: string };
    expect(decodeJwt(token).name).toBe(long);
  });

  test('it answers no page of another origin', async () => {
    const [browser, origin] = [await launch(), await servePage('<!doctype html><title>Elsewhere</title>')];
    const { url } = await example();
    const page = await browser.newPage();
    const statusFrom = async (from: string) => {
      await page.goto(from);
      const answer = page.waitForResponse(/token$/);
      const init = { method: 'POST', mode: 'no-cors', body: '{"room":"r","peerId":"p"}' };
      await page.evaluate(`void fetch('${url}/api/token', ${JSON.stringify(init)})`);
      return (await answer).status();
    };
    expect(await statusFrom(origin)).toBe(403);
    expect(await statusFrom(url)).toBe(200);
  });
});
