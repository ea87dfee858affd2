import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasIdLength, isPeerId, isRoomId, MAX_ID_LENGTH, SERVER_ID } from '../../src/protocol/ids.ts';

test('an id has 1 to 128 code points, however many UTF-16 units they take', () => {
  for (const point of ['a', 'é', '€', '😀']) {
    expect(isRoomId(point)).toBe(true);
    expect(isRoomId(point.repeat(128))).toBe(true);
    expect(isRoomId(point.repeat(129))).toBe(false);
  }
  expect(isRoomId('')).toBe(false);
  expect(isRoomId('x'.repeat(1_000_000))).toBe(false);
});

test('the length is counted in code points, for any string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const { length } = [...text];
      expect(hasIdLength(text)).toBe(length >= 1 && length <= MAX_ID_LENGTH);
    }),
  );
});

test('control characters, U+0000 to U+001F and U+007F to U+009F, are not allowed, at any place', () => {
  for (let code = 0; code <= 0x120; code++) {
    const allowed = !(code <= 0x1f || (code >= 0x7f && code <= 0x9f));
    const point = String.fromCodePoint(code);
    for (const id of [point, `a${point}`, `${point}a`, `a${point}b`]) {
      expect(isRoomId(id), JSON.stringify(id)).toBe(allowed);
      expect(isPeerId(id), JSON.stringify(id)).toBe(allowed);
    }
  }
});

test('__proto__, emoji, slashes and spaces are fine', () => {
  for (const id of ['__proto__', 'constructor', '👩‍👩‍👧‍👦', 'a/b', '..', ' ', '%00', '\u2028', '日本']) {
    expect(isRoomId(id), id).toBe(true);
    expect(isPeerId(id), id).toBe(true);
  }
});

test('the peer id "server" is reserved, and only exactly that; a room may be called so', () => {
  expect(isPeerId(SERVER_ID)).toBe(false);
  expect(isRoomId('server')).toBe(true);
  for (const id of ['Server', 'SERVER', 'server ', ' server', 'servers', 'ſerver']) {
    expect(isPeerId(id), id).toBe(true);
  }
});
