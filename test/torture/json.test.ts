import { expect, test } from 'vitest';
import type { TestSocket } from '../helper.ts';
import { torture } from './scene.ts';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'length'];

/** Two in a room, who know of each other. */
async function two(
  join: (room: string, peer: string) => Promise<TestSocket>,
  room: string,
  a: string,
  b: string,
) {
  const first = await join(room, a);
  const second = await join(room, b);
  await first.flush();
  return [first, second] as const;
}

/** Sends `data` as this text, and expects the very same text at the other end. */
async function intact(from: TestSocket, to: TestSocket, data: string): Promise<void> {
  from.send(`{"type":"offer","to":"b","data":${data}}`);
  const got = await to.nextText();
  expect(got.slice(0, 90)).toContain('"type":"offer"');
  expect(got.includes(`"data":${data}`), data.slice(0, 60)).toBe(true);
}

test('data arrives as the same JSON text, whatever it is', async () => {
  const texts = [
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    `${'{"a":'.repeat(9_000)}null${'}'.repeat(9_000)}`,
    `{${Array.from({ length: 5_000 }, (_, i) => `"${i}":${i}`).join(',')}}`,
    `{${Array(5_000).fill('"same":1').join(',')}}`,
    `[${'"",'.repeat(20_000)}0]`,
    '1e400',
    '-0.0',
    '12345678901234567890',
    '0.1000000000000000055511151231257827021181583404541015625',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\ud83d\\ude00 😀"',
    '{"\\ud800":1,"\\udfff":2}',
    '"\ufeff"',
    '{"\ufeffdata":1}',
    '"\\u0000\\u001f\\u007f\u007f\u0085\u2028\u2029"',
    '"\\/\\u002f/"',
    `"${'\\"'.repeat(30_000)}"`,
    `"${'\\\\'.repeat(30_000)}"`,
    `"${'€'.repeat(20_000)}"`,
    '{"type":"x","from":"server","to":"c","data":{"data":1},"id":"i"}',
  ];
  await torture({}, async ({ join }) => {
    const [a, b] = await two(join, 'room', 'a', 'b');
    for (const data of texts) await intact(a, b, data);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(await a.flush()).toEqual([]);
  });
});

test('10,000 nested arrays pass through chat and pong, too', async () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  await torture({}, async ({ join }) => {
    const [a, b] = await two(join, 'room', 'a', 'b');
    a.send(`{"type":"chat","data":${deep}}`);
    expect((await b.nextText()).includes(deep)).toBe(true);
    expect((await a.nextText()).includes(deep)).toBe(true);
    a.send(`{"type":"ping","data":${deep}}`);
    expect((await a.nextText()).includes(deep)).toBe(true);
  });
});

test('depth where a string belongs is an error like any other', async () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  await torture({}, async ({ join }) => {
    const a = await join('room', 'a');
    for (const field of ['type', 'to', 'id']) {
      a.send(`{"type":"ping","${field}":${deep}}`);
      expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
    }
    a.send('['.repeat(60_000));
    expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-json' } });
    a.send(`{"type":"ping","${'k'.repeat(60_000)}":1}`);
    expect(await a.next()).toMatchObject({ type: 'pong' });
  });
});

test('rooms, peers, receivers and ids may be called like the members of every object', async () => {
  await torture({}, async ({ join }) => {
    for (const room of NAMES) {
      const [a, b] = await two(join, room, '__proto__', 'constructor');
      a.send({ type: 'offer', to: 'constructor', data: room, id: '__proto__' });
      const offer = {
        type: 'offer',
        room,
        from: '__proto__',
        to: 'constructor',
        data: room,
        id: '__proto__',
      };
      expect(await b.next()).toEqual(offer);
      b.send({ type: 'peers', id: 'toString' });
      expect(await b.next()).toMatchObject({ data: ['__proto__', 'constructor'], id: 'toString' });
    }
  });
});

test('a receiver called so who is not there is peer-not-found, a type called so is unknown-type', async () => {
  await torture({}, async ({ join }) => {
    const a = await join('room', 'a');
    for (const name of NAMES) {
      a.send({ type: 'offer', to: name, data: 1, id: name });
      expect(await a.next()).toMatchObject({ type: 'error', id: name, data: { code: 'peer-not-found' } });
      a.send({ type: 'chat', to: name, data: 1 });
      expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'peer-not-found' } });
      a.send({ type: name, to: 'a', data: 1 });
      expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'unknown-type' } });
      a.send(`{"${name}":{"type":"ping"},"type":"ping","data":"${name}"}`);
      expect(await a.next()).toMatchObject({ type: 'pong', data: name });
      a.send(`{"${name}":{"type":"ping"}}`);
      expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
    }
  });
});

test('lone surrogates in to, id and type come back as they were, in frames that are valid UTF-8', async () => {
  await torture({}, async ({ join }) => {
    const a = await join('room', 'a');
    const lone = '\\ud800';
    a.send(`{"type":"offer","to":"${lone}","data":1,"id":"${lone}"}`);
    expect(await a.next()).toMatchObject({ type: 'error', id: '\ud800', data: { code: 'peer-not-found' } });
    a.send(`{"type":"${lone}","id":"x${lone}y"}`);
    expect(await a.next()).toMatchObject({ type: 'error', id: 'x\ud800y', data: { code: 'unknown-type' } });
    a.send(`{"type":"${'x'.repeat(63)}\\ud83d\\ude00","id":"cut"}`);
    expect(await a.next()).toMatchObject({ type: 'error', id: 'cut' });
  });
});

test('a byte order mark before the message is no JSON', async () => {
  await torture({}, async ({ join }) => {
    const a = await join('room', 'a');
    a.send('\ufeff{"type":"ping"}');
    expect(await a.next()).toMatchObject({ type: 'error', data: { code: 'invalid-json' } });
  });
});

test('white space around everything is not passed on with the data', async () => {
  await torture({}, async ({ join }) => {
    const [a, b] = await two(join, 'room', 'a', 'b');
    a.send(' \n\t{ "type" :\r\n"offer" , "to":"b" ,"data"\t:\n\n [1] \r , "x" : 1 } \n');
    expect(await b.nextText()).toMatch(/"data":\s*\[1\]\s*[,}]/);
  });
});
