import { expect, test } from 'vitest';
import { withDuration } from '../../examples/nextjs/lib/webm-duration.ts';

const HEADER = [0x1a, 0x45, 0xdf, 0xa3, 0x80];
const SEGMENT = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const INFO = [0x15, 0x49, 0xa9, 0x66];
const SCALE = [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40];
const CLUSTER = [0x1f, 0x43, 0xb6, 0x75, 0x82, 0xab, 0xcd];

/** The duration of 1.5 s as an element: 1500 ms as a number of eight bytes. */
const DURATION = [0x44, 0x89, 0x88, 0x40, 0x97, 0x70, 0, 0, 0, 0, 0];

const file = (...parts: number[][]) =>
  new Blob([new Uint8Array([...HEADER, ...SEGMENT, ...parts.flat()])], { type: 'video/webm' });
const bytes = async (blob: Blob) => [...new Uint8Array(await blob.arrayBuffer())];

test.each([
  ['one byte', [0x80 + SCALE.length]],
  ['two bytes', [0x40, SCALE.length]],
  ['eight bytes', [0x01, 0, 0, 0, 0, 0, 0, SCALE.length]],
])(
  'the length is written into a file whose Info has a size of %s, and nothing else changes',
  async (_, size) => {
    const done = await withDuration(file(INFO, size, SCALE, CLUSTER), 1500);
    const newSize = [0x01, 0, 0, 0, 0, 0, 0, SCALE.length + DURATION.length];
    expect(await bytes(done)).toEqual(await bytes(file(INFO, newSize, SCALE, DURATION, CLUSTER)));
    expect(done.type).toBe('video/webm');
  },
);

test.each([
  ['has its length', file(INFO, [0x80 + SCALE.length + DURATION.length], SCALE, DURATION, CLUSTER)],
  ['has no Info', file(CLUSTER)],
  ['ends within Info', file(INFO, [0x80 + SCALE.length], SCALE.slice(0, 3))],
  ['ends after the name of Info', file(INFO)],
  ['has an Info of a size that is none', file(INFO, [0x00], SCALE, CLUSTER)],
  ['is empty', new Blob([])],
])('a file that %s is left as it is', async (_, untouched) => {
  expect(await bytes(await withDuration(untouched, 1500))).toEqual(await bytes(untouched));
});
