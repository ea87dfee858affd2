import { expect, test } from 'vitest';
import { safetyCode } from '../../examples/nextjs/lib/safety-code.ts';
import { words } from '../../examples/nextjs/lib/words.ts';

/** A description with these fingerprints, one for each m-line. */
function description(...fingerprints: string[]): RTCSessionDescription {
  const lines = fingerprints.flatMap((one, at) => [
    `m=video ${at}`,
    `a=fingerprint:${one}`,
    'a=setup:actpass',
  ]);
  return { type: 'offer', sdp: ['v=0', ...lines, ''].join('\r\n') } as RTCSessionDescription;
}

const [a, b, c] = ['AB:01', 'CD:02', 'EF:03'].map((digits) => description(`sha-256 ${digits}`)) as [
  RTCSessionDescription,
  RTCSessionDescription,
  RTCSessionDescription,
];

test('both ends read out the same four words', async () => {
  const code = await safetyCode(a, b);
  expect(code).toHaveLength(4);
  for (const word of code!) expect(words).toContain(word);
  expect(await safetyCode(b, a)).toEqual(code);
});

test('whoever sits between two people gets other words on each side', async () => {
  const codes = await Promise.all([safetyCode(a, b), safetyCode(a, c), safetyCode(c, b), safetyCode(a, a)]);
  expect(new Set(codes.map(String)).size).toBe(codes.length);
});

test('a further fingerprint of somebody else changes the words', async () => {
  const both = description('sha-256 CD:02', 'sha-256 EF:03');
  expect(await safetyCode(a, both)).not.toEqual(await safetyCode(a, b));
  expect(await safetyCode(a, both)).not.toEqual(await safetyCode(a, c));
});

test('neither how often, nor in which order or letters, a fingerprint is written changes them', async () => {
  const code = await safetyCode(a, description('sha-256 CD:02', 'sha-512 FF:04'));
  expect(await safetyCode(a, description('SHA-512 ff:04', 'sha-256 cd:02', 'sha-256 CD:02'))).toEqual(code);
});

test('there are no words before both descriptions, and their fingerprints, are there', async () => {
  expect(await safetyCode(a, null)).toBeUndefined();
  expect(await safetyCode(null, b)).toBeUndefined();
  expect(await safetyCode(null, null)).toBeUndefined();
  expect(await safetyCode(a, description())).toBeUndefined();
});

test('no two words are easily taken for one another', () => {
  expect(words).toHaveLength(1024);
  for (const word of words) expect(word).toMatch(/^[a-z]{4,9}$/);
  expect(new Set(words.map((word) => word.slice(0, 4))).size).toBe(words.length);
  const near = words.flatMap((one) =>
    words.filter(
      (other) =>
        one < other &&
        (other.startsWith(one) ||
          (one.length === other.length &&
            [...one].filter((letter, at) => letter !== other[at]).length === 1)),
    ),
  );
  expect(near).toEqual([]);
});
