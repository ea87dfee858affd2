import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findData } from '../../src/protocol/find-data.ts';

/** The text that was found, as the relay would pass it on. */
function found(text: string): string {
  const bytes = Buffer.from(text);
  const { start, end } = findData(bytes);
  return bytes.subarray(start, end).toString();
}

// JSON as text, not as values: two spellings of one value are to be told apart.

const space = fc.array(fc.constantFrom(' ', '\t', '\n', '\r'), { maxLength: 3 }).map((all) => all.join(''));

const character = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }).map((text) => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\n', '{', '}', '[', ']', ',', ':', 'data', '\\"data\\":'),
  fc.constantFrom('\\ud800', '\\udc00', '\\ud83d\\ude00', '\\u0000', '\\uFEFF', '\ufeff', '\u2028', '😀'),
);
const string = fc.array(character, { maxLength: 6 }).map((all) => `"${all.join('')}"`);

const number = fc.oneof(
  fc.constantFrom('0', '-0', '1e400', '-1E+400', '12345678901234567890', '0.10', '1e-2', '1.0'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

/** `data` in any of its spellings. */
const dataKey = fc
  .tuple(...[...'data'].map((letter) => fc.constantFrom(letter, escaped(letter))))
  .map((letters) => `"${letters.join('')}"`);

const key = fc.oneof(
  string,
  fc.constantFrom('"type"', '"to"', '"__proto__"', '"Data"', '"data "', '"\\ndata"', '"\\u0064at"', '""'),
  dataKey,
);

interface Member {
  key: string;
  value: string;
  /** As it stands in the object, white space and all. */
  text: string;
}

const { value } = fc.letrec<{ value: string; member: Member }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '{}', '[]'),
    number,
    string,
    fc.array(fc.tuple(space, tie('value'), space), { maxLength: 3 }).map((all) => {
      return `[${all.map((parts) => parts.join('')).join(',')}]`;
    }),
    fc.array(tie('member'), { maxLength: 3 }).map((all) => `{${all.map(({ text }) => text).join(',')}}`),
  ),
  member: fc
    .tuple(space, key, space, space, tie('value'), space)
    .map(([a, name, b, c, value, d]) => ({ key: name, value, text: `${a}${name}${b}:${c}${value}${d}` })),
}));

function member(name: fc.Arbitrary<string>): fc.Arbitrary<Member> {
  return fc
    .tuple(space, name, space, space, value, space)
    .map(([a, key, b, c, value, d]) => ({ key, value, text: `${a}${key}${b}:${c}${value}${d}` }));
}

function escaped(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16)}`;
}

test('what is found is the exact source text of the last top-level data, and parses to what JSON.parse gives', () => {
  const any = fc.array(member(key), { maxLength: 5 });
  fc.assert(
    fc.property(any, member(dataKey), any, space, space, (before, one, after, left, right) => {
      const members = [...before, one, ...after];
      const text = `${left}{${members.map((each) => each.text).join(',')}}${right}`;
      const last = members.findLast((each) => JSON.parse(each.key) === 'data')!;
      expect(found(text)).toBe(last.value);
      expect(isDeepStrictEqual(JSON.parse(found(text)), JSON.parse(text).data)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('data inside strings, nested objects and other keys is not meant', () => {
  expect(found('{"a":{"data":1},"b":"\\"data\\":2","data":3,"c":[{"data":4}],"Data":5}')).toBe('3');
  expect(found('{"data":"}\\\\","x":"{"}')).toBe('"}\\\\"');
});

test('an escaped spelling of the key is the same key', () => {
  expect(found('{"data":1,"\\u0064\\u0061\\u0074\\u0061":2}')).toBe('2');
  expect(found('{"d\\u0061ta":1,"\\u0064atA":2}')).toBe('1');
  expect(found('{"\\u0064ata":1,"d\\u0041ta":2}')).toBe('1');
});

test('ten thousand nested arrays are one value like any other', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  expect(found(`{"data": ${deep} ,"x":1}`)).toBe(deep);
});
