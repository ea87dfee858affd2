import { build as bundle } from 'esbuild';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { useRoom } from '../../client/src/react.ts';
import { launch, openCall, servePage } from '../browser/chromium.ts';
import { build, describeWith, until } from '../helper.ts';

async function pageOf(): Promise<string> {
  const { outputFiles } = await bundle({
    entryPoints: [`${import.meta.dirname}/react-page.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  const script = outputFiles[0]!.text.replaceAll('</script', '<\\/script');
  return `<!doctype html><meta charset="utf-8"><title>React</title><div id="root"></div><script type="module">${script}</script>`;
}

test('on a server the hook shows a room that is being joined, and joins none', () => {
  const Status = () =>
    createElement('p', null, useRoom({ url: 'ws://127.0.0.1:1', room: 'r', peerId: 'a' }).status);
  expect(renderToString(createElement(Status))).toBe('<p>connecting</p>');
});

describeWith('chromium', 'the React hook under StrictMode, in a real browser', () => {
  test('two pages meet: each joins once, sees the other, its state and its chat; who unmounts has left', async () => {
    const { app, port, logs } = await build();
    const [browser, origin] = [await launch('sound'), await servePage(await pageOf())];
    const a = await openCall(browser, origin, { port }, 'r', 'a');
    const b = await browser.newPage();
    await b.goto(
      `${origin}/?${new URLSearchParams({ server: `ws://127.0.0.1:${port}`, peer: 'b', late: '1' })}`,
    );
    const playing = (page: typeof a, peer: string) =>
      page.evaluate<boolean>(`(document.querySelector('#${peer} video')?.currentTime ?? 0) > 0`);
    await until(() => playing(b, 'a'));
    expect(await a.evaluate("document.querySelector('#b video')")).toBeNull();
    // What comes in several steps, or anew after the page has taken it away, is one stream for the others.
    const heard = () =>
      a.evaluate<string[]>(
        `[...document.querySelectorAll('#b video')].map(({ srcObject }) => srcObject.getTracks().map(({ kind }) => kind).sort().join(' and '))`,
      );
    const hears = (...streams: string[]) =>
      until(async () => JSON.stringify(await heard()) === JSON.stringify(streams));
    await b.evaluate('navigator.mediaDevices.getUserMedia({ audio: true }).then(setStream)');
    await hears('audio');
    await b.evaluate('setCamera(true)');
    await hears('audio and video');
    await b.evaluate('stream.getTracks().forEach((track) => view.call.removeTrack(track))');
    await hears();
    await b.evaluate('navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(setStream)');
    await hears('audio and video');
    await until(() => playing(a, 'b'));
    expect(logs.filter(({ msg }) => msg === 'peer joined')).toHaveLength(2);
    expect(logs.filter(({ code }) => code !== undefined)).toEqual([]); // no socket has ended

    await b.evaluate("view.room.setState({ name: 'Bea' })");
    await until(() => a.evaluate<boolean>("document.querySelector('#b').textContent === 'Bea'"));
    await a.evaluate("view.room.chat('hello')");
    for (const page of [a, b])
      await until(() => page.evaluate<boolean>("document.querySelector('li')?.textContent === 'a: hello'"));

    await b.evaluate('setPlace(undefined)');
    await until(() => a.evaluate<boolean>("document.querySelector('#b') === null"));
    expect(app.rooms.census.peers).toBe(1);
    await b.evaluate("setPlace('s')");
    await a.evaluate("setPlace('s')");
    await until(() => playing(a, 'b'));
    await until(() => playing(b, 'a'));
    expect(app.rooms.census.rooms).toBe(1);
  });
});
