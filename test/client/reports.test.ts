import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { launch } from '../browser/chromium.ts';
import { build, describeWith, until } from '../helper.ts';
import { openPage, serveLibrary } from './library-page.ts';

interface Report {
  event: string;
  ms: number;
  path?: string;
  candidates: Record<string, number>;
  reason?: string;
}

const reports = (page: Page) =>
  page.evaluate<Report[]>("sent.filter(({ type }) => type === 'report').map(({ data }) => data)");

describeWith('chromium', 'reports of a call, in a real browser', () => {
  test('the server is told when a connection is up, fails, is restarted and closed; not if that is unwanted', async () => {
    const { port, logs } = await build({ LOG_LEVEL: 'trace', STUN_SERVERS: 'stun:127.0.0.1:9' });
    const [browser, origin] = [await launch(), await serveLibrary()];
    const a = await openPage(browser, origin, port, 'a');
    const b = await openPage(browser, origin, port, 'b', 'hold');
    await until(() => b.evaluate("window.room?.status === 'connected'"));
    await b.evaluate('begin({ report: false })');
    await until(async () => (await reports(a)).length > 0);
    await a.evaluate("suffer('b', 'failed')");
    const last = async (event: string) => (await reports(a)).at(-1)?.event === event;
    await until(async () => (await reports(a)).some(({ event }) => event === 'restarted'));
    await b.evaluate('call.close()');
    await until(() => last('closed'));
    const found = await reports(a);
    expect(found.map(({ event }) => event).filter((event) => event !== 'connected')).toEqual([
      'failed',
      'restarted',
      'closed',
    ]);
    const [connected, failed] = found;
    const restarted = found.find(({ event }) => event === 'restarted');
    expect(connected).toMatchObject({ event: 'connected', path: expect.stringMatching(/^(host|prflx)$/) });
    expect(connected!.candidates.host).toBeGreaterThan(0);
    expect(connected!.candidates).toMatchObject({ srflx: 0, relay: 0 });
    expect(failed!.ms).toBeGreaterThanOrEqual(connected!.ms);
    expect(restarted).toMatchObject({ reason: 'failed', path: connected!.path });
    expect(found.at(-1)).toMatchObject({ event: 'closed', reason: 'the peer hung up' });
    const received = () => logs.filter(({ msg, type }) => msg === 'message' && type === 'report');
    await until(() => received().length === found.length);
    for (const report of received()) expect(report).toMatchObject({ room: 'r', peer: 'a', to: 'b' });
    expect(await reports(b)).toEqual([]);
    expect(logs.filter(({ msg }) => msg === 'session failed')).toEqual([]);
  });
});
