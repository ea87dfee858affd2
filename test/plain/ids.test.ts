import { expect, test } from 'vitest';
import { build, join, socket } from '../helper.ts';
import { RawClient } from './raw-client.ts';

const GOOD = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'a/b',
  '/',
  'a%2Fb',
  '100%',
  '🦊',
  '👩‍👩‍👧‍👦',
  'Zoë',
  'комната 5',
  ' ',
  ' server',
  'Server',
  '"quoted"',
  '\\',
  '?&=#+;',
  'null',
  '0',
  '<b>',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\uffff',
];

test('any string can be a room and a peer id: __proto__, emoji, slashes', async () => {
  const server = await build();
  for (const id of GOOD) {
    const a = socket(server, `/ws/${encodeURIComponent(id)}/${encodeURIComponent(id)}`);
    expect(await a.next()).toEqual({ type: 'peers', room: id, from: 'server', data: [id] });
    const b = await join(server, id, 'other');
    expect(await a.next()).toEqual({ type: 'new-peer', room: id, from: 'server', data: 'other' });
    b.send({ type: 'offer', to: id, data: 1 });
    expect(await a.nextOf('offer')).toEqual({ type: 'offer', room: id, from: 'other', to: id, data: 1 });
    a.send({ type: 'answer', to: 'other', data: 2 });
    expect(await b.next()).toEqual({ type: 'answer', room: id, from: id, to: 'other', data: 2 });
    a.ws.close();
    expect(await b.next()).toEqual({ type: 'peer-left', room: id, from: 'server', data: id });
  }
});

test('dots are an id like any other, and no step in a path', async () => {
  const server = await build();
  // A URL parser would take them away, so they go over the wire by hand.
  const dots = new RawClient(server, '/ws/../.');
  expect(await dots.hello()).toEqual({ type: 'peers', room: '..', from: 'server', data: ['.'] });
});

test('a plus sign is a plus sign, and an encoded slash separates nothing', async () => {
  const server = await build();
  const a = socket(server, '/ws/a+b/c%2Fd%2F?e=/f');
  expect(await a.next()).toMatchObject({ room: 'a+b', data: ['c/d/'] });
});

test('two strings are the same if their code points are: no normalisation, no case', async () => {
  const server = await build();
  const composed = await join(server, 'room', '\u00e9');
  const decomposed = await join(server, 'room', 'e\u0301');
  await join(server, 'Room', 'elsewhere');
  expect((await composed.flush()).map(({ type, data }) => [type, data])).toEqual([
    ['new-peer', 'e\u0301'],
    ['peers', ['\u00e9', 'e\u0301']],
  ]);
  decomposed.send({ type: 'offer', to: '\u00e9', data: 1 });
  expect(await composed.next()).toMatchObject({ type: 'offer', from: 'e\u0301', to: '\u00e9' });
});

test('ids have 1 to 128 code points: an emoji is one', async () => {
  const server = await build();
  for (const letter of ['x', 'é', '🦊', '\u0301']) {
    const id = letter.repeat(128);
    const longest = await join(server, id, id);
    longest.send({ type: 'offer', to: id, data: 1 });
    expect(await longest.next()).toMatchObject({ room: id, from: id, to: id });
    const over = encodeURIComponent(letter.repeat(129));
    for (const path of [`/ws/${over}/peer`, `/ws/room/${over}`, `/ws/${over}/${over}`]) {
      expect(await socket(server, path).closed).toEqual({ code: 4500, reason: 'invalid-id' });
    }
  }
});

test('an id far too long is 4500, too, and no other answer', async () => {
  const server = await build();
  for (const length of [200, 2_000, 12_000]) {
    const { code } = await socket(server, `/ws/room/${'x'.repeat(length)}`).closed;
    expect(code, String(length)).toBe(4500);
  }
});

test('control characters, U+0000 to U+001F and U+007F to U+009F, are 4500', async () => {
  const server = await build();
  const controls = [0x00, 0x01, 0x09, 0x0a, 0x0d, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9f];
  for (const control of controls) {
    const id = encodeURIComponent(`a${String.fromCodePoint(control)}b`);
    for (const path of [`/ws/${id}/peer`, `/ws/room/${id}`]) {
      expect(await socket(server, path).closed, path).toEqual({ code: 4500, reason: 'invalid-id' });
    }
  }
});

test('an empty id is 4500', async () => {
  const server = await build();
  for (const path of ['/ws//peer', '/ws/room/', '/ws//', '/ws/room/?a=b', '/ws//peer?a=/b/c']) {
    expect(await socket(server, path).closed, path).toEqual({ code: 4500, reason: 'invalid-id' });
  }
});

test('the peer id server is reserved, and a room may be called so', async () => {
  const server = await build();
  for (const path of ['/ws/room/server', '/ws/room/%73erver']) {
    expect(await socket(server, path).closed, path).toEqual({ code: 4500, reason: 'invalid-id' });
  }
  const a = socket(server, '/ws/server/a');
  expect(await a.next()).toMatchObject({ type: 'peers', room: 'server', data: ['a'] });
});

test('a refused join gets its code after a whole handshake, no message, and is seen by nobody', async () => {
  const server = await build();
  const a = await join(server, 'room', 'a');
  const refused = await socket(server, '/ws/room/server').opened();
  expect(await refused.closed).toEqual({ code: 4500, reason: 'invalid-id' });
  expect(refused.unread).toEqual([]);
  expect(await a.flush()).toEqual([]);
});
