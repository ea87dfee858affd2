import { expect, test } from 'vitest';
import { CloseCode, closeReason, ErrorCode } from '../../src/protocol/codes.ts';

test('every close code has a reason, and each reason is another', () => {
  const codes = Object.values(CloseCode);
  for (const code of codes) expect(closeReason[code], String(code)).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(new Set(codes.map((code) => closeReason[code])).size).toBe(codes.length);
  expect(Object.keys(closeReason)).toHaveLength(codes.length);
});

test('every close code may stand in a close frame, and its reason fits into one (RFC 6455, section 5.5)', () => {
  for (const code of Object.values(CloseCode)) {
    const registered = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
    expect(registered || (code >= 4000 && code <= 4999), String(code)).toBe(true);
    expect(Buffer.byteLength(closeReason[code])).toBeLessThanOrEqual(123);
  }
});

test('the codes of the contract, by number and reason', () => {
  expect(closeReason).toMatchObject({
    1003: 'unsupported-data',
    1012: 'restart',
    1013: 'overloaded',
    4400: 'rate-limited',
    4401: 'slow-consumer',
    4402: 'room-full',
    4500: 'invalid-id',
    4501: 'unauthorized',
    4503: 'forbidden',
    4509: 'peer-id-in-use',
    4510: 'replaced',
    4511: 'removed',
  });
});

test('the codes of in-band errors', () => {
  expect(Object.values(ErrorCode)).toEqual(
    expect.arrayContaining([
      'invalid-json',
      'invalid-message',
      'unknown-type',
      'peer-not-found',
      'peer-away',
      'rate-limited',
      'forbidden',
    ]),
  );
});
