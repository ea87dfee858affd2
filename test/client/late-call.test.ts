import { expect, test } from 'vitest';
import { sees } from '../browser/chromium.ts';
import { describeWith, until } from '../helper.ts';
import { errors, heard, meeting } from './library-page.ts';

describeWith('chromium', 'calls that begin at any moment, in a real browser', () => {
  test('a call made long after the room was joined comes up, whoever came first', async () => {
    const open = await meeting();
    const a = await open('a', 'hold');
    const b = await open('b');
    const c = await open('c', 'hold');
    await until(() => c.evaluate("window.room?.status === 'connected'"));
    // Its offer is with c, which has no call yet.
    await until(() => b.evaluate("sent.some(({ type, to }) => type === 'offer' && to === 'c')"));
    await c.evaluate("void room.on('chat', () => (window.heardOfIt = true))");
    await b.evaluate("room.chat('behind the offer')");
    await until(() => c.evaluate('window.heardOfIt'));
    await a.evaluate('begin()');
    await until(async () => (await heard(a)).includes('connected b'));
    await c.evaluate('begin()');
    await sees(a, 'b', 'c');
    await sees(b, 'a', 'c');
    await sees(c, 'a', 'b');
    for (const page of [a, b, c]) expect(await errors(page)).toEqual([]);
  });

  test('who hangs up is gone from the others at once, and may call again, as may both', async () => {
    const open = await meeting();
    const a = await open('a');
    const b = await open('b');
    await sees(a, 'b');
    await sees(b, 'a');
    for (const [one, other, id] of [
      [b, a, 'b'],
      [a, b, 'a'],
    ] as const) {
      await one.evaluate('call.close()');
      await until(async () => (await heard(other)).includes(`closed ${id}`));
      expect(await heard(other)).toContain(`stream-ended ${id}`);
      expect(await other.evaluate('[call.connections.size, room.peers.length]')).toEqual([0, 1]);
      await one.evaluate('begin()');
      await sees(a, 'b');
      await sees(b, 'a');
    }
    // Both make an offer then; how the two meet is another matter each time.
    for (let n = 0; n < 10; n++) {
      await Promise.all([a, b].map((page) => page.evaluate('call.close(), begin()')));
      await sees(a, 'b');
      await sees(b, 'a');
    }
    for (const page of [a, b]) expect(await errors(page)).toEqual([]);
  });

  test('one that hangs up and calls again while the others set it up is connected in the end', async () => {
    const open = await meeting();
    const a = await open('a');
    const c = await open('c');
    await sees(a, 'c');
    await sees(c, 'a');
    const b = await open('b', 'hold');
    await until(() => b.evaluate('window.room?.peers.length === 2'));
    // What a and c say to the first call of b is on its way when the second one begins, or to the third one.
    await b.evaluate(`(async () => {
        for (let n = 0; n < 10; n++) {
          begin();
          await new Promise((resolve) => setTimeout(resolve, 3 * n));
          call.close();
        }
        begin();
      })()`);
    await sees(a, 'b', 'c');
    await sees(b, 'a', 'c');
    await sees(c, 'a', 'b');
    for (const page of [a, b, c]) expect(await errors(page)).toEqual([]);
  });

  test('a room has one call at a time; an AbortSignal ends it as close does', async () => {
    const open = await meeting();
    const a = await open('a', 'late');
    await until(() => a.evaluate("window.room?.status === 'connected'"));
    const refused =
      "(() => { try { createCall(room); } catch (error) { return error.message; } return ''; })()";
    expect(await a.evaluate(refused)).toBe('The room has a call: close it first.');
    await a.evaluate('call.close()');
    await a.evaluate('begin({ signal: (window.abort = new AbortController()).signal })');
    expect(await a.evaluate(refused)).not.toBe('');
    await a.evaluate('abort.abort()');
    expect(await a.evaluate(refused)).toBe('');
  });
});
