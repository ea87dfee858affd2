import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAny } from '../../src/protocol/decode.ts';
import { readUsual } from '../../src/protocol/read-usual.ts';

// What is read in one pass must mean what JSON.parse says it means: the two are run side by side, on texts
// as clients send them and on such texts with something wrong in them.

/** Mostly of the one kind, seldom of the other. */
const mostly = (good: string[], bad: string[]) =>
  fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...good) }, fc.constantFrom(...bad));

const space = mostly(['', '', '', ' ', '\t', '\n', '\r'], ['\f', '\u00a0', '\ufeff', '\u2028']);
const scalar = mostly(
  [
    'null',
    'true',
    'false',
    '0',
    '-0',
    '7',
    '-12',
    '1.50',
    '1e5',
    '1E+5',
    '1e-400',
    '0e0',
    '12345678901234567890',
  ],
  [
    ...['nul', 'True', 'NaN', 'Infinity', '-Infinity', 'undefined', "'a'", '', '0x10', '1_000', '1n', '--1'],
    ...['01', '-', '+1', '1.', '.5', '1e', '1e+', '1e5.5', '-01', '00'],
  ],
);
const inside = mostly(
  [
    ...[
      'a',
      'data',
      'é',
      '😀',
      '\u2028',
      '\u007f',
      '{',
      '}',
      '[',
      ',',
      ':',
      '\\"',
      '\\\\',
      '\\/',
      '\\b',
      '\\n',
    ],
    ...['\\u0041', '\\ud83d\\ude00', '\\ud800', '\\uFFFF'],
  ],
  ['\\u12', '\\u12g4', '\\U0041', '\\x41', '\\v', '\\', '\n', '\t', '\0', '\u001f', '"'],
);
const string = fc.array(inside, { maxLength: 4 }).map((parts) => `"${parts.join('')}"`);
const goodString = fc.constantFrom('""', '"b"', '"peer-b"', '"é😀"', '"\\u0062"', `"${'x'.repeat(129)}"`);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    string,
    goodString,
    fc.tuple(space, fc.array(tie('value'), { maxLength: 3 }), space).map(([a, all, b]) => {
      return `[${a}${all.join(`${b},${a}`)}${b}]`;
    }),
    fc.tuple(space, fc.array(fc.tuple(string, tie('value')), { maxLength: 3 }), space).map(([a, all, b]) => {
      return `{${a}${all.map(([key, one]) => `${key}${b}:${a}${one}`).join(`${b},${a}`)}${b}}`;
    }),
  ),
}));

const types = [
  'offer',
  'answer',
  'ice',
  'chat',
  'peers',
  'ping',
  'remove',
  'state',
  'ack',
  'report',
  'none',
  '',
];
const member = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...types).map((type) => ['"type"', `"${type}"`] as const) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('"to"', '"id"', '"data"'), goodString) },
  fc.tuple(fc.constant('"data"'), value),
  fc.tuple(
    fc.constantFrom('"type"', '"to"', '"id"', '"room"', '"__proto__"', '"Data"', '"d\\u0061ta"'),
    value,
  ),
  fc.tuple(string, value),
);
const first = fc
  .constantFrom('peers', 'ping', 'chat', 'offer')
  .map((type) => ['"type"', `"${type}"`] as const);
const message = fc
  .tuple(fc.tuple(first, fc.array(member, { maxLength: 5 })), space, space)
  .map(
    ([[one, more], a, b]) =>
      `${a}{${[one, ...more].map(([key, one]) => `${b}${key}${a}:${b}${one}${a}`).join(',')}}${b}`,
  );

/** A text with one place changed. */
const broken = fc
  .tuple(message, fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...'{}[]":,\\ \n0-e.x'))
  .map(([text, where, cut, put]) => {
    const at = where % (text.length + 1);
    // A character outside the BMP is not to be cut in two: what comes is valid UTF-8.
    return (text.slice(0, at) + put + text.slice(at + cut)).toWellFormed();
  });

/** Compares the two readings; whether the quick one had anything to say. */
function agree(text: string): boolean {
  const bytes = Buffer.from(text);
  let taken = false;
  for (const dialect of ['plain', 'v1'] as const) {
    const usual = readUsual(bytes, dialect);
    if (usual === undefined) continue;
    expect(usual, text).toEqual(readAny(bytes, dialect));
    taken = true;
  }
  return taken;
}

test('what is read in one pass means the same to JSON.parse, whatever the text', () => {
  let taken = 0;
  let runs = 0;
  const both = fc.oneof(message, broken);
  fc.assert(
    fc.property(both, (text) => {
      runs++;
      if (agree(text)) taken++;
    }),
    { numRuns: 20_000 },
  );
  // Both answers were given often enough to mean something.
  expect(taken).toBeGreaterThan(runs / 20);
  expect(taken).toBeLessThan((runs * 19) / 20);
});

test('what clients send is read in one pass', () => {
  const sdp = 'v=0\r\no=- 46117314 2 IN IP4 127.0.0.1\r\n';
  const usual = [
    { type: 'offer', room: 'r', from: 'a', to: 'b', data: { type: 'offer', sdp } },
    { type: 'ice', to: 'b', data: { candidate: 'candidate:1 1 udp', sdpMid: '0', sdpMLineIndex: 0 } },
    { type: 'ice', to: 'b', data: null, id: 's.1' },
    { type: 'chat', data: 'Grüße, "alle"! 😀' },
    { type: 'peers' },
    { type: 'ping', data: [1, 2.5, -3e-7, true, false, null, [], {}, [[[]]]] },
  ];
  for (const message of usual) {
    expect(agree(JSON.stringify(message))).toBe(true);
    expect(agree(JSON.stringify(message, null, 2))).toBe(true);
  }
});

test('deep nesting is left to JSON.parse, which takes it', () => {
  for (const depth of [1, 29, 30, 31, 32, 33, 64, 65, 10_000]) {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `{"type":"chat","data":${open.repeat(depth)}0${close.repeat(depth)}}`;
      expect(agree(text), `${depth}`).toBe(depth <= 30);
      agree(text.slice(0, -1));
      agree(`${text.slice(0, -2)}]}`);
    }
  }
});

test('a text cut off anywhere is not read', () => {
  const text = '{"type":"offer","to":"b","data":{"a":[1,"\\u00e9\\n",true]},"id":"1"}';
  for (let end = 0; end < text.length; end++) {
    expect(readUsual(Buffer.from(text.slice(0, end)), 'v1'), text.slice(0, end)).toBeUndefined();
  }
});
