import { expect, onTestFinished, test, vi } from 'vitest';
import { Media } from '../../examples/nextjs/lib/media.ts';

/** A browser that gives the page nothing, and the media of a page in it. */
function refused(): { media: Media; troubles: (string | undefined)[] } {
  const refuse = () => Promise.reject(new DOMException('', 'NotReadableError'));
  vi.stubGlobal(
    'MediaStream',
    class {
      getTracks = () => [];
    },
  );
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: refuse, getDisplayMedia: refuse } });
  onTestFinished(() => void vi.unstubAllGlobals());
  const media = new Media();
  const troubles: (string | undefined)[] = [];
  media.subscribe(() => troubles.push(media.view().trouble));
  return { media, troubles };
}

test.each([
  ['a microphone', (media: Media) => media.toggle('audio'), 'No microphone: another program is using it.'],
  ['a device', (media: Media) => media.choose('video', 'one'), 'No camera: another program is using it.'],
  ['a screen', (media: Media) => media.toggleScreen(), 'No screen: another program is using it.'],
])('the same trouble with %s a second time is told a second time', async (_, ask, trouble) => {
  const { media, troubles } = refused();
  await ask(media);
  await ask(media);
  expect(troubles).toEqual([undefined, trouble, undefined, trouble]);
});
