import { expect, test } from 'vitest';
import { build, join, type TestSocket } from '../helper.ts';

/** JSON that a parse and a new stringify would change. */
const FRAGILE = [
  '1e400',
  '-1e400',
  '12345678901234567890',
  '0.1000000000000000055511151231257827',
  '-0',
  '-0.0',
  '1.0',
  '1E+2',
  '{"a":1,"a":2}',
  '{"b":1,"a":2,"10":3,"9":4}',
  '{"__proto__":{"x":1},"constructor":null}',
  '"\\u00e9\\/\\ud83e\\udd8a"',
  '"\\ud800"',
  '"\\u0000"',
  '"é🦊\u2028\u007f"',
  '{"d\\u0061ta":1,"data":2}',
];

const ORDINARY = [
  'null',
  'true',
  'false',
  '0',
  '""',
  '"text"',
  '{}',
  '[]',
  '[[],{"a":[{"b":"]}"}]}]',
  '"\\"data\\":1,\\\\"',
  '{"data":{"data":"}"},"to":"c","type":"chat"}',
  '"{\\"type\\":\\"chat\\"}"',
];

/** Sends `text` from a, and hands out the text of what b gets. */
async function pass(a: TestSocket, b: TestSocket, text: string): Promise<string> {
  a.send(text);
  return b.nextText();
}

/** The value of `data` as it stands in a frame that has nothing else that begins with this key. */
function dataOf(text: string, data: string): string {
  const at = text.indexOf('"data":') + '"data":'.length;
  return text.slice(at, at + data.length);
}

async function pair(): Promise<{ a: TestSocket; b: TestSocket }> {
  const server = await build();
  const b = await join(server, 'room', 'b');
  const a = await join(server, 'room', 'a');
  await b.flush();
  return { a, b };
}

test('data is passed on as the same JSON text, whether it stands first, in the middle or last', async () => {
  const { a, b } = await pair();
  for (const data of [...FRAGILE, ...ORDINARY]) {
    for (const frame of [
      `{"data":${data},"type":"offer","to":"b"}`,
      `{"type":"offer","data":${data},"to":"b"}`,
      `{"type":"offer","to":"b","data":${data}}`,
    ]) {
      const text = await pass(a, b, frame);
      expect(dataOf(text, data), frame).toBe(data);
      // The whole is valid JSON, and nothing of it was taken for the envelope.
      expect(JSON.parse(text), frame).toEqual({
        type: 'offer',
        room: 'room',
        from: 'a',
        to: 'b',
        data: JSON.parse(data),
      });
    }
  }
});

test('data is the same text in chat and pong, too', async () => {
  const { a, b } = await pair();
  for (const data of FRAGILE) {
    expect(dataOf(await pass(a, b, `{"type":"chat","data":${data}}`), data)).toBe(data);
    expect(dataOf(await a.nextText(), data)).toBe(data);
    expect(dataOf(await pass(a, a, `{"data":${data},"type":"ping"}`), data)).toBe(data);
  }
});

test('only insignificant white space may differ', async () => {
  const { a, b } = await pair();
  const text = await pass(a, b, ' {\n"type"\t:"ice" ,\r\n"data" :  [ 1e400 , " a  b " ] \n, "to": "b" } ');
  expect(text).toMatch(/"data":\s*\[\s*1e400\s*,\s*" a {2}b "\s*\]/);
});

test('of duplicate keys the last one counts', async () => {
  const { a, b } = await pair();
  const text = await pass(a, b, '{"type":"ice","data":1,"to":"x","type":"offer","data":1e400,"to":"b"}');
  expect(text).toContain('"data":1e400');
  expect(JSON.parse(text)).toMatchObject({ type: 'offer', to: 'b' });
  // `data` last as null, and `to` last as empty.
  expect(await pass(a, b, '{"type":"offer","to":"b","data":1,"data":null}')).toContain('"data":null');
  a.send('{"type":"offer","data":1,"to":"b","to":""}');
  expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
});

test('a key may be written with escapes, and is the same key', async () => {
  const { a, b } = await pair();
  for (const key of ['d\\u0061ta', '\\u0064\\u0061\\u0074\\u0061', 'dat\\u0061']) {
    const text = await pass(a, b, `{"t\\u0079pe":"offer","to":"b","data":1,"${key}":1e400}`);
    expect(text, key).toContain('"data":1e400');
    const last = await pass(a, b, `{"type":"offer","\\u0074o":"b","${key}":1,"data":1e400}`);
    expect(last, key).toContain('"data":1e400');
  }
});

test('null is a value, and no data at all is a missing field', async () => {
  const { a, b } = await pair();
  expect(JSON.parse(await pass(a, b, '{"type":"offer","to":"b","data":null}'))).toMatchObject({ data: null });
  expect(JSON.parse(await pass(a, b, '{"type":"chat","data":null}'))).toMatchObject({ data: null });
  await a.next();
  for (const frame of ['{"type":"offer","to":"b"}', '{"type":"chat"}', '{"type":"chat","\\\\u0064ata":1}']) {
    a.send(frame);
    expect(await a.next(), frame).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
  }
  expect(await b.flush()).toEqual([]);
});

test('data may be nested ten thousand deep, and as large as a message may be', async () => {
  const { a, b } = await pair();
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const objects = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  const envelope = '{"type":"offer","to":"b","data":""}';
  const large = `"${'x'.repeat(65_536 - envelope.length)}"`;
  for (const data of [deep, objects, large]) {
    expect(dataOf(await pass(a, b, `{"type":"offer","to":"b","data":${data}}`), data) === data).toBe(true);
  }
});
