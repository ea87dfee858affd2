import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { sees } from '../browser/chromium.ts';
import { describeWith, until } from '../helper.ts';
import { errors, heard, meeting } from './library-page.ts';

/** A picture of its own width, that moves. */
const paint = (name: string, width: number) => `(() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: ${width}, height: 120 });
  const context = canvas.getContext('2d');
  setInterval(() => {
    context.fillStyle = 'hsl(' + (performance.now() % 360) + ' 80% 50%)';
    context.fillRect(0, 0, ${width}, 120);
  }, 50);
  window.${name} = canvas.captureStream(15).getVideoTracks()[0];
})()`;

/** How wide the pictures are that a page sees. */
const widths = (page: Page) =>
  page.evaluate<number[]>('[...videos.values()].map(({ videoWidth }) => videoWidth).sort()');

describeWith('chromium', 'tracks of a call, in a real browser', () => {
  test('a track replaced, before anybody is there or while others come, is what everybody sees', async () => {
    const open = await meeting();
    const a = await open('a', 'late');
    await until(() => a.evaluate('window.call'));
    for (const [name, width] of [
      ['small', 160],
      ['middle', 240],
      ['big', 320],
    ] as const)
      await a.evaluate(paint(name, width));
    await a.evaluate('call.addTrack(small), call.replaceTrack(small, middle)');
    const b = await open('b', 'late');
    await until(async () => String(await widths(b)) === '240');
    // c comes while b is being sent another one.
    const c = open('c', 'late');
    await a.evaluate('call.replaceTrack(middle, big)');
    for (const page of [b, await c]) await until(async () => String(await widths(page)) === '320');
    expect(await heard(b)).toEqual(expect.not.arrayContaining(['stream-ended a']));
    for (const page of [a, b, await c]) expect(await errors(page)).toEqual([]);
  });

  test('a track that comes at the moment in which a line is given back, on which nothing was sent, is seen', async () => {
    const open = await meeting();
    const [a, b] = [await open('a'), await open('b')];
    await sees(a, 'b');
    await b.evaluate(paint('screen', 200));
    await b.evaluate('call.addTrack(screen, new MediaStream([screen]))');
    await until(async () => (await widths(a)).includes(200));
    await a.evaluate(paint('screen', 280));
    // Of the two a gives lines back; it has not told b yet when its own screen comes.
    await a.evaluate(`{
        const pc = call.connections.get('b');
        pc.addEventListener('signalingstatechange', () => {
          if (window.added || !pc.getTransceivers().some(({ direction }) => direction === 'stopped')) return;
          window.added = true;
          call.addTrack(screen, new MediaStream([screen]));
        });
      }`);
    await b.evaluate('call.removeTrack(screen)');
    await until(() => a.evaluate('window.added'));
    await until(async () => (await widths(b)).includes(280));
    for (const page of [a, b]) expect(await errors(page)).toEqual([]);
  });

  test('a screen shared again and again is seen each time, and the descriptions do not grow', async () => {
    const open = await meeting();
    const a = await open('a');
    const b = await open('b');
    await sees(a, 'b');
    for (const [page, peer] of [
      [a, 'b'],
      [b, 'a'],
    ] as const) {
      const other = page === a ? b : a;
      await page.evaluate(paint('screen', 200));
      const lines = `call.connections.get('${peer}').localDescription.sdp.match(/^m=/gm).length`;
      for (let n = 1; n <= 6; n++) {
        await page.evaluate('window.shared = new MediaStream([screen]), call.addTrack(screen, shared)');
        await until(async () => (await widths(other)).includes(200));
        const id = await page.evaluate<string>('shared.id');
        expect(await other.evaluate('[...videos.keys()].map(({ id }) => id)')).toContain(id);
        await page.evaluate('call.removeTrack(screen)');
        await until(async () => !(await widths(other)).includes(200));
      }
      // The camera's two and the screen's; one more if it came again before the old one was given back.
      expect(await page.evaluate(lines)).toBeLessThanOrEqual(4);
      // In a hurry it ends the same way.
      await page.evaluate('call.addTrack(screen), call.removeTrack(screen)');
      await page.evaluate('call.addTrack(screen), call.removeTrack(screen), call.addTrack(screen)');
      await until(() => other.evaluate('[...videos.keys()].some((one) => one.getVideoTracks().length > 1)'));
      await page.evaluate('call.removeTrack(screen)');
      await until(() => other.evaluate('[...videos.keys()].every((one) => one.getVideoTracks().length < 2)'));
    }
    for (const page of [a, b]) expect(await errors(page)).toEqual([]);
  });

  test('screens that two share and take away at the same moments are seen in the end', async () => {
    const open = await meeting();
    const a = await open('a');
    const b = await open('b');
    await sees(a, 'b');
    await sees(b, 'a');
    for (const page of [a, b]) await page.evaluate(paint('screen', 200));
    const share = 'call.addTrack(screen, new MediaStream([screen]))';
    const end = 'call.removeTrack(screen)';
    for (let n = 0; n < 12; n++) {
      // One begins just when the other one ends, at all distances.
      await a.evaluate(share);
      await until(async () => (await widths(b)).includes(200));
      await Promise.all([
        a.evaluate(`new Promise((resolve) => setTimeout(resolve, ${5 * n})).then(() => ${end})`),
        b.evaluate(share),
      ]);
      await until(async () => (await widths(a)).includes(200));
      await until(async () => !(await widths(b)).includes(200));
      await b.evaluate(end);
      await until(async () => !(await widths(a)).includes(200));
    }
    await Promise.all([a.evaluate(share), b.evaluate(share)]);
    for (const page of [a, b]) await until(async () => (await widths(page)).includes(200));
    expect(
      await a.evaluate("call.connections.get('b').localDescription.sdp.match(/^m=/gm).length"),
    ).toBeLessThan(6);
    for (const page of [a, b]) expect(await errors(page)).toEqual([]);
  });

  test('a replacement that can not be made is refused, and changes nothing', async () => {
    const open = await meeting();
    const a = await open('a');
    await until(() => a.evaluate('window.call'));
    const [audio, video] = ['stream.getAudioTracks()[0]', 'stream.getVideoTracks()[0]'];
    const why = (track: string, by: string) =>
      a.evaluate<string>(`call.replaceTrack(${track}, ${by}).then(() => '', (error) => error.message)`);
    await a.evaluate(paint('other', 160));
    expect(await why('other', video)).toBe('The track is not sent.');
    expect(await why(video, audio)).toBe('The new track is sent already.');
    expect(await why(audio, 'other')).toBe('The tracks must be of one kind.');
    expect(await why(video, video)).toBe('');
    const b = await open('b', 'late');
    await sees(b, 'a');
  });
});
