import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { launch } from '../browser/chromium.ts';
import { build, describeWith, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { errors, heard, openPage, serveLibrary } from './library-page.ts';

const SETTINGS = { ENVIRONMENT: 'test', LOG_LEVEL: 'silent' };

describeWith('chromium', 'data channels of a call, in a real browser', () => {
  test('whichever side adds one, both have it; also one who comes late; after a restart it is the same', async () => {
    const first = await buildApp({ ...SETTINGS, DRAIN_SECONDS: '1' });
    onTestFinished(() => first.close());
    const port = await freePort();
    await first.listen({ port, host: '127.0.0.1' });
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openPage(browser, origin, port, 'a', 'late');
    const b = await openPage(browser, origin, port, 'b', 'late');
    await until(() => b.evaluate('window.call?.connections.size === 1'));
    // Only b, the one that asks, wants the first; only a, the one that opens, the second.
    await b.evaluate("call.addChannel('from-b', { ordered: false, maxRetransmits: 0 })");
    await a.evaluate("call.addChannel('from-a')");
    for (const [page, peer] of [
      [a, 'b'],
      [b, 'a'],
    ] as const) {
      for (const label of ['from-a', 'from-b'])
        await until(async () => (await heard(page)).includes(`channel ${label} ${peer}`));
      const how = `(({ ordered, maxRetransmits }) => [ordered, maxRetransmits])(channels.get('from-b ${peer}'))`;
      expect(await page.evaluate(how)).toEqual([false, 0]);
    }
    const c = await openPage(browser, origin, port, 'c', 'late');
    for (const peer of ['a', 'b'])
      await until(async () => (await heard(c)).includes(`channel from-${peer} ${peer}`));
    await a.evaluate('window.before = new Map(channels)');
    await first.close();
    const second = await buildApp(SETTINGS);
    onTestFinished(() => second.close());
    await second.listen({ port, host: '127.0.0.1' });
    await until(() => second.rooms.census.peers === 3);
    await a.evaluate("channels.get('from-b b').send('hello b')");
    await b.evaluate("channels.get('from-b a').send('hello a')");
    await until(async () => (await heard(b)).includes('message from-b a: hello b'));
    await until(async () => (await heard(a)).includes('message from-b b: hello a'));
    expect(await a.evaluate('[...before].every(([key, channel]) => channels.get(key) === channel)')).toBe(
      true,
    );
    for (const page of [a, b, c]) expect(await errors(page)).toEqual([]);
  });

  test('both may add the same label at the same moment and have one channel; removed, it is gone from both', async () => {
    const { port } = await build();
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openPage(browser, origin, port, 'a', 'late', 'hold');
    const b = await openPage(browser, origin, port, 'b', 'late', 'hold');
    for (const page of [a, b]) await until(() => page.evaluate('window.room?.peers.length === 1'));
    const begin = "begin(), call.addChannel('files')";
    await Promise.all([a.evaluate(begin), b.evaluate(begin)]);
    const pairs = [
      [a, 'b'],
      [b, 'a'],
    ] as const;
    const opened = (line: string, peer: string) => line === `channel files ${peer}`;
    for (const [page, peer] of pairs)
      await until(async () => (await heard(page)).some((line) => opened(line, peer)));
    await a.evaluate("channels.get('files b').send('one')");
    await until(async () => (await heard(b)).includes('message files a: one'));
    // Either side takes it back, and brings it again at once.
    let rounds = 1;
    for (const one of [b, a]) {
      await one.evaluate("call.removeChannel('files'), call.addChannel('files')");
      rounds++;
      for (const [page, peer] of pairs)
        await until(async () => (await heard(page)).filter((line) => opened(line, peer)).length === rounds);
      for (const [page, peer] of pairs)
        await page.evaluate(`channels.get('files ${peer}').send('${rounds}')`);
      for (const [page, peer] of pairs)
        await until(async () => (await heard(page)).includes(`message files ${peer}: ${rounds}`));
    }
    await b.evaluate("call.removeChannel('files')");
    for (const [page, peer] of pairs)
      await until(() => page.evaluate(`channels.get('files ${peer}').readyState === 'closed'`));
    for (const [page, peer] of pairs) {
      expect((await heard(page)).filter((line) => opened(line, peer))).toHaveLength(rounds);
      expect(await errors(page)).toEqual([]);
    }
  });

  test('a plain peer is opened the channel, whatever its peer id', async () => {
    const { port } = await build();
    const [browser, origin] = [await launch(), await serveLibrary()];
    const z = await openPage(browser, origin, port, 'z', 'late');
    await until(() => z.evaluate("window.room?.status === 'connected'"));
    await z.evaluate("call.addChannel('chat')");
    await z.evaluate(`hasten('ws://127.0.0.1:${port}/ws/r/plain')`);
    await until(async () => (await heard(z)).includes('channel chat plain'));
    expect(await errors(z)).toEqual([]);
  });
});
