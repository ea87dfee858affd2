import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch } from '../../browser/chromium.ts';
import { expectQuietConsoles } from '../../browser/console.ts';
import { describeWith, until } from '../../helper.ts';
import { tempFolder } from '../../process-helper.ts';
import { enter, joinNow, open, press, sees, startServer } from './site.ts';

/** How long to record at least, ms. */
const LENGTH = 3_000;
/** The beep of Chromium's microphone is louder than this on average, dB; silence is about -91. */
const SOUND = -60;

/** Of the browser; it is not the machine's. */
const ZONE = 'Asia/Kathmandu';

/** The name of a recording that begins now. */
function nameNow(): string {
  // Swedes write it as 2026-01-31 09:05.
  const format = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'short', timeZone: ZONE });
  return `meeting-${format.format().replace(/[ :]/g, '-')}.webm`;
}

interface Probe {
  streams: { codec_type: string; codec_name: string; width?: number; height?: number }[];
  packets: { codec_type: string; pts_time: string }[];
  format: { format_name: string; duration: string };
}

function probe(file: string): Probe {
  const entries = [
    'format=format_name,duration',
    'stream=codec_type,codec_name,width,height',
    'packet=codec_type,pts_time',
  ].join(':');
  const args = ['-v', 'error', '-of', 'json', '-show_entries', entries, file];
  return JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

/** A browser that can't record, and keeps what is made for a recording in `made`. */
const CANT_RECORD = `
  window.made = [];
  window.AudioContext = class extends AudioContext {
    constructor() {
      super();
      made.push(this);
    }
  };
  MediaRecorder.prototype.start = () => {
    throw new DOMException('no WebM here', 'NotSupportedError');
  };
`;

/** The mean volume, dB. */
function volume(file: string): number {
  const args = ['-hide_banner', '-i', file, '-map', 'a', '-af', 'volumedetect', '-f', 'null', '-'];
  const said = execFileSync('sh', ['-c', 'exec ffmpeg "$@" 2>&1', 'ffmpeg', ...args], { encoding: 'utf8' });
  return Number(/mean_volume: (\S+) dB/.exec(said)![1]);
}

describeWith('example', 'a recording in the example', () => {
  expectQuietConsoles();

  test('everybody is told of it while it goes on; the file has picture, sound and the right length', async () => {
    const [, browser] = [await startServer(), await launch('sound', { timezoneId: ZONE })];
    const anna = await enter(browser, 'recording', 'Anna');
    const ben = await enter(browser, 'recording', 'Ben');
    await sees(anna, 'Ben');
    const notice = (page: typeof anna) => page.getByRole('status').filter({ hasText: 'Ben is recording' });
    expect(await notice(anna).count()).toBe(0);

    const outer = performance.now();
    const names = [nameNow()];
    await press(ben, 'Record');
    for (const page of [anna, ben]) await notice(page).first().waitFor();
    const inner = performance.now();
    names.push(nameNow());
    // People may come meanwhile, and are told.
    const chiara = await enter(browser, 'recording', 'Chiara');
    await notice(chiara).first().waitFor();
    await sees(ben, 'Chiara');
    await until(() => performance.now() - inner > LENGTH);
    const least = performance.now() - inner;
    await press(ben, 'Stop recording');
    const link = ben.getByRole('link', { name: 'Download recording' });
    await link.waitFor();
    const most = performance.now() - outer;
    for (const page of [anna, ben, chiara]) await until(async () => (await notice(page).count()) === 0);

    const [download] = await Promise.all([ben.waitForEvent('download'), link.click()]);
    expect(names).toContain(download.suggestedFilename());
    const file = join(tempFolder(), 'recording.webm');
    await download.saveAs(file);
    const { streams, packets, format } = probe(file);
    expect(format.format_name).toContain('webm');
    // Whichever had something first is the first in the file.
    expect(streams.toSorted((one, other) => (one.codec_type < other.codec_type ? -1 : 1))).toEqual([
      expect.objectContaining({ codec_type: 'audio', codec_name: 'opus' }),
      expect.objectContaining({ codec_type: 'video', codec_name: 'vp8', width: 1280, height: 720 }),
    ]);
    // As the file says, with a second for a busy machine, and as its last picture and its last sound say.
    const last = (kind: string) =>
      Math.max(...packets.filter((one) => one.codec_type === kind).map((one) => Number(one.pts_time)));
    const duration = Number(format.duration);
    expect(duration).toBeGreaterThan(least / 1000 - 1);
    for (const seconds of [duration, last('video'), last('audio')])
      expect(seconds).toBeLessThan(most / 1000 + 1);
    // What it could not encode in time a busy browser leaves out.
    for (const seconds of [last('video'), last('audio')]) expect(seconds).toBeGreaterThan(least / 2000);
    expect(packets.filter((one) => one.codec_type === 'video').length).toBeGreaterThan(LENGTH / 1000);
    expect(volume(file)).toBeGreaterThan(SOUND);
  });

  test('who goes back gets what was not saved; where it can not be recorded, nothing of it is left', async () => {
    const [, browser] = [await startServer(), await launch('sound')];
    const page = await open(browser, '/');
    const downloads: string[] = [];
    page.on('download', (download) => downloads.push(download.suggestedFilename()));
    await press(page, 'New meeting');
    await joinNow(page, 'Anna');
    await press(page, 'Record');
    await press(page, 'Stop recording');
    await page.getByRole('link', { name: 'Download recording' }).click();
    await until(() => downloads.length === 1);
    await press(page, 'Record');
    await press(page, 'Stop recording');
    await until(async () => (await page.getByRole('link', { name: 'Download recording' }).count()) === 2);
    await press(page, 'Record');
    await page.goBack();
    await until(() => downloads.length === 3);

    await press(page, 'New meeting');
    await joinNow(page, 'Anna');
    await page.evaluate(CANT_RECORD);
    await press(page, 'Record');
    await page.getByText("It can't be recorded here: no WebM here").waitFor();
    await until(() => page.evaluate('made.length === 1 && made[0].state === "closed"'));
    // The first one was saved, and not again.
    expect(downloads).toHaveLength(3);
  });
});
