import { expect, test } from 'vitest';
import { errors, serveLibrary } from '../client/library-page.ts';
import { startHaproxy } from '../haproxy.ts';
import { describeWith, until } from '../helper.ts';
import { freePort } from '../ports.ts';
import { start } from '../process-helper.ts';
import { launch } from './chromium.ts';
import { longestStill, pair, STOPPED, see, told } from './survive.ts';

describeWith('chromium', 'a call outlives its signaling server', () => {
  test('killed with -9 and started again: the video goes on over the same connection, and a chat arrives once', async () => {
    const FIBER_PORT = String(await freePort());
    const first = await start({ FIBER_PORT });
    const [browser, origin] = [await launch(), await serveLibrary()];
    const [a, b] = await pair(browser, origin, first);
    first.kill('SIGKILL');
    await first.exited;
    for (const page of [a, b]) await until(() => page.evaluate("room.status === 'reconnecting'"));
    await a.evaluate("void room.chat('meanwhile').then(() => (window.echoed = true))");
    await see(a, b);
    await start({ FIBER_PORT });
    for (const page of [a, b]) await until(() => page.evaluate("room.status === 'connected'"));
    await until(() => a.evaluate('window.echoed'));
    await until(async () => (await told(b)).length > 0);
    // The roster is whole, and the new server carries what they say.
    for (const page of [a, b])
      await until(() => page.evaluate("room.peers.map(({ status }) => status).join() === 'here'"));
    await b.evaluate("room.chat('after')");
    await until(async () => (await told(a)).includes('chat b: after'));
    await see(a, b);
    for (const page of [a, b]) {
      expect(await told(page)).toEqual(['chat a: meanwhile', 'chat b: after']);
      expect(await page.evaluate('areKept()')).toBe(true);
      expect(await errors(page)).toEqual([]);
      expect(await longestStill(page)).toBeLessThan(STOPPED);
    }
  });
});

describeWith('haproxy', 'a call moves to the successor of its signaling server', () => {
  test('SIGTERM behind HAProxy: nobody is seen to leave or to be away, and the video goes on', async () => {
    const successor = String(await freePort());
    const first = await start({ DRAIN_SECONDS: '6' });
    const proxy = await startHaproxy(first.port, Number(successor));
    const [browser, origin] = [await launch(), await serveLibrary()];
    const [a, b] = await pair(browser, origin, proxy);
    const second = await start({ FIBER_PORT: successor });
    first.kill('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    const { totalPeers, away } = (await (await fetch(`${second.url}/stats`)).json()) as Record<
      string,
      number
    >;
    expect({ totalPeers, away }).toEqual({ totalPeers: 2, away: 0 });
    await a.evaluate("room.chat('after')");
    await until(async () => (await told(b)).includes('chat a: after'));
    await see(a, b);
    for (const page of [a, b]) {
      expect(await told(page)).toEqual(['chat a: after']);
      expect(await page.evaluate('[room.status, areKept()]')).toEqual(['connected', true]);
      expect(await errors(page)).toEqual([]);
      expect(await longestStill(page)).toBeLessThan(STOPPED);
    }
  });
});
