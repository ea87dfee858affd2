import { expect, test } from 'vitest';
import { type Decoded, decode, quote, type Rejected } from '../../src/protocol/decode.ts';
import { plainTypes } from '../../src/protocol/messages.ts';

function read(message: unknown): Decoded | Rejected {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return decode(Buffer.from(text));
}

/** The message, with the text of its `data` instead of where it stands. */
function accepted(message: unknown): { type: string; to: string; id: string | undefined; data: string } {
  const decoded = read(message);
  if ('code' in decoded) throw new Error(`rejected: ${decoded.message}`);
  const { type, to, id, bytes, start, end } = decoded;
  return { type, to, id, data: Buffer.from(bytes.subarray(start, end)).toString() };
}

function rejected(message: unknown): Rejected {
  const decoded = read(message);
  if (!('code' in decoded)) throw new Error(`accepted: ${JSON.stringify(message)}`);
  return decoded;
}

test('every type is accepted with what it needs', () => {
  for (const type of plainTypes) {
    const decoded = accepted({ type, to: 'b', data: { a: 1 }, id: 'i' });
    expect(decoded).toEqual({ type, to: 'b', id: 'i', data: '{"a":1}' });
  }
});

test('offer, answer and ice need "to" and "data", chat needs "data", peers and ping need nothing', () => {
  for (const type of ['offer', 'answer', 'ice']) {
    expect(rejected({ type, data: 1 })).toMatchObject({ code: 'invalid-message' });
    expect(rejected({ type, to: 'b' })).toMatchObject({ code: 'invalid-message' });
  }
  expect(rejected({ type: 'chat' })).toMatchObject({ code: 'invalid-message' });
  expect(accepted({ type: 'chat', data: 'x' })).toMatchObject({ to: '', data: '"x"' });
  expect(rejected({ type: 'remove' })).toMatchObject({ code: 'invalid-message' });
  expect(accepted({ type: 'peers' })).toMatchObject({ data: '' });
  expect(accepted({ type: 'ping' })).toMatchObject({ data: '' });
});

test('null is a value of "data"; no "data" at all is a missing field', () => {
  expect(accepted({ type: 'chat', data: null }).data).toBe('null');
  for (const data of [false, 0, '', [], {}]) {
    expect(accepted({ type: 'chat', data }).data).toBe(JSON.stringify(data));
  }
  expect(rejected({ type: 'chat', Data: 1, datum: 2 })).toMatchObject({ code: 'invalid-message' });
});

test('an empty "to" counts as none', () => {
  expect(rejected({ type: 'offer', to: '', data: 1 })).toMatchObject({ code: 'invalid-message' });
  expect(accepted({ type: 'chat', to: '', data: 1 }).to).toBe('');
});

test('what is no JSON is invalid-json', () => {
  const texts = ['', ' ', '{', '{"type":"ping"', "{'type':'ping'}", '{"type":"ping",}', 'undefined', 'NaN'];
  const more = [
    '\ufeff{"type":"ping"}',
    '{"type":"ping"}{"type":"ping"}',
    '{"type":"ping"}\u0000',
    '{"a":01}',
  ];
  for (const text of [...texts, ...more, '"\u0001"', '['.repeat(10_000)]) {
    expect(rejected(text), text.slice(0, 40)).toMatchObject({ code: 'invalid-json', id: undefined });
  }
});

test('what is no object is invalid-message', () => {
  for (const text of ['null', 'true', '1', '"ping"', '[]', '[{"type":"ping"}]']) {
    expect(rejected(text), text).toMatchObject({ code: 'invalid-message' });
  }
});

test('type, to and id of the wrong kind are invalid-message', () => {
  for (const wrong of [null, 1, true, [], {}, ['ping']]) {
    expect(rejected({ type: wrong, id: 'i' })).toMatchObject({ code: 'invalid-message', id: 'i' });
    expect(rejected({ type: 'ping', to: wrong, id: 'i' })).toMatchObject({
      code: 'invalid-message',
      id: 'i',
    });
    expect(rejected({ type: 'ping', id: wrong })).toMatchObject({ code: 'invalid-message', id: undefined });
  }
  expect(rejected({ data: 1 })).toMatchObject({ code: 'invalid-message' });
});

test('an id is a string of 1 to 128 characters', () => {
  expect(accepted({ type: 'ping', id: '😀'.repeat(128) }).id).toBe('😀'.repeat(128));
  for (const id of ['', 'x'.repeat(129), '😀'.repeat(129)]) {
    expect(rejected({ type: 'ping', id })).toMatchObject({ code: 'invalid-message', id: undefined });
  }
});

test('an unknown type is unknown-type and named in the error, names of Object.prototype included', () => {
  const types = ['Offer', 'offer ', '', 'pong', 'error', 'new-peer', 'peer-left', 'state', 'ack', 'report'];
  for (const type of [...types, '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0']) {
    const { code, message, id } = rejected({ type, to: 'b', data: 1, id: 'i' });
    expect({ code, id }, type).toEqual({ code: 'unknown-type', id: 'i' });
    expect(message).toContain(JSON.stringify(type));
  }
});

test('of duplicate keys the last one counts, everywhere', () => {
  const twice = '{"type":"x","to":1,"id":"","data":1,"type":"chat","to":"b","id":"i","data":{"data":2}}';
  expect(accepted(twice)).toEqual({ type: 'chat', to: 'b', id: 'i', data: '{"data":2}' });
  expect(rejected('{"type":"chat","type":"x","data":1}')).toMatchObject({ code: 'unknown-type' });
});

test('a key __proto__ is a further field and gives the envelope nothing', () => {
  expect(rejected('{"__proto__":{"type":"ping"}}')).toMatchObject({ code: 'invalid-message' });
  expect(rejected('{"type":"chat","__proto__":{"data":1}}')).toMatchObject({ code: 'invalid-message' });
  expect(accepted('{"type":"ping","__proto__":{"to":"x","id":"y"}}')).toMatchObject({
    to: '',
    id: undefined,
  });
});

test('an error says in one short sentence what was wrong, however long the value', () => {
  const wrong = [{ type: 'x'.repeat(60_000) }, { type: 1 }, { type: 'offer' }, { type: 'ping', id: 1 }, []];
  for (const message of wrong) {
    const sentence = rejected(message).message;
    expect(sentence).toMatch(/^[^\n]+\.$/);
    expect(sentence.length).toBeLessThan(120);
  }
});

test('a quoted text is valid JSON, even cut within a character', () => {
  const text = `${'x'.repeat(63)}😀😀`;
  expect(JSON.parse(quote(text))).toHaveLength(65);
  expect(Buffer.from(quote(text)).toString()).toBe(quote(text));
  expect(quote('\ud800"\n')).toBe('"\\ud800\\"\\n"');
});
