import { expect, test } from 'vitest';
import { until } from '../helper.ts';
import { BINARY, CLOSE, CONTINUATION, frame, PING, TEXT, text } from './raw.ts';
import { type Scene, torture } from './scene.ts';

const hello = JSON.stringify({ type: 'ping', data: 1 });

/** A member of a room sends this; it is closed with `code`, and the others get `peer-left`. */
async function closes({ raw, join }: Scene, name: string, bytes: Buffer, code: number): Promise<void> {
  const witness = await join(name, 'witness');
  const culprit = await raw(name, 'culprit');
  expect((await witness.nextOf('new-peer')).data).toBe('culprit');
  culprit.write(bytes);
  expect((await culprit.closed).code, name).toBe(code);
  expect((await witness.nextOf('peer-left')).data, name).toBe('culprit');
  expect(await witness.flush(), name).toEqual([]);
  expect(
    culprit.unread.filter((text) => !text.includes('"pong"')),
    name,
  ).toEqual([]);
}

test('a broken frame closes with 1002', async () => {
  const broken: Record<string, Buffer> = {};
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    broken[`reserved opcode ${opcode}`] = frame(opcode, hello);
  }
  for (const rsv of [0x40, 0x20, 0x10, 0x70]) broken[`reserved bits ${rsv}`] = frame(TEXT, hello, { rsv });
  await torture({}, async (scene) => {
    const cases = {
      ...broken,
      'reserved bit on a ping': frame(PING, '', { rsv: 0x40 }),
      'reserved bit on a continuation': Buffer.concat([
        frame(TEXT, hello, { fin: false }),
        frame(CONTINUATION, '', { rsv: 0x40 }),
      ]),
      unmasked: frame(TEXT, hello, { masked: false }),
      'an unmasked ping': frame(PING, '', { masked: false }),
      'an oversized ping': frame(PING, 'x'.repeat(126)),
      'a fragmented ping': frame(PING, '', { fin: false }),
      'a fragmented close': frame(CLOSE, '', { fin: false }),
      'a continuation of nothing': frame(CONTINUATION, hello),
      'a text frame within a fragmented one': Buffer.concat([
        frame(TEXT, '{', { fin: false }),
        frame(TEXT, hello),
      ]),
      'a close frame with half a code': frame(CLOSE, Buffer.from([3])),
      'a close code that no one may send': frame(CLOSE, Buffer.from([0x03, 0xed])), // 1005
      'a close code below 1000': frame(CLOSE, Buffer.from([0x03, 0xe7])),
      'no WebSocket at all': Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    };
    for (const [name, bytes] of Object.entries(cases)) await closes(scene, name, bytes, 1002);
  });
});

test('what came before the broken frame is served, what comes after it is not', async () => {
  await torture({}, async ({ raw, join }) => {
    const witness = await join('room', 'witness');
    const culprit = await raw('room', 'culprit');
    const message = (data: string) => text({ type: 'offer', to: 'witness', data });
    culprit.write(message('before'), frame(3), message('after'));
    expect((await culprit.closed).code).toBe(1002);
    expect((await witness.nextOf('offer')).data).toBe('before');
    expect((await witness.flush()).map(({ type }) => type)).toEqual(['peer-left']);
  });
});

test('invalid UTF-8 in a text frame closes with 1007', async () => {
  const invalid: Record<string, number[]> = {
    'a lone continuation byte': [0x80],
    'a truncated character': [0xe2, 0x82],
    'an overlong slash': [0xc0, 0xaf],
    'an overlong NUL': [0xe0, 0x80, 0x80],
    'a surrogate': [0xed, 0xa0, 0x80],
    'a surrogate pair': [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    'a code point past U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
    'a byte that never occurs': [0xff],
  };
  await torture({}, async (scene) => {
    for (const [name, bytes] of Object.entries(invalid)) {
      const payload = Buffer.concat([
        Buffer.from('{"type":"chat","data":"'),
        Buffer.from(bytes),
        Buffer.from('"}'),
      ]);
      await closes(scene, name, text(payload), 1007);
      const middle = payload.length - 3;
      const halves = [
        frame(TEXT, payload.subarray(0, middle), { fin: false }),
        frame(CONTINUATION, payload.subarray(middle)),
      ];
      await closes(scene, `${name}, in two fragments`, Buffer.concat(halves), 1007);
    }
    const close = Buffer.from([0x03, 0xe8, 0xff]);
    await closes(scene, 'in the reason of a close frame', frame(CLOSE, close), 1007);
  });
});

test('a character may be cut in two by a fragment', async () => {
  await torture({}, async ({ raw }) => {
    const client = await raw('room', 'peer');
    const payload = Buffer.from('{"type":"ping","data":"€😀"}');
    for (let cut = 1; cut < payload.length; cut++) {
      const first = frame(TEXT, payload.subarray(0, cut), { fin: false });
      client.write(first, frame(CONTINUATION, payload.subarray(cut)));
      expect((await client.next()).data).toBe('€😀');
    }
  });
});

test('a binary frame closes with 1003 unsupported-data, be it empty, valid JSON or in fragments', async () => {
  await torture({}, async (scene) => {
    await closes(scene, 'empty', frame(BINARY), 1003);
    await closes(scene, 'JSON', frame(BINARY, hello), 1003);
    const two = [frame(BINARY, hello, { fin: false }), frame(CONTINUATION, '')];
    await closes(scene, 'fragments', Buffer.concat(two), 1003);
    const culprit = await scene.raw('reason', 'culprit');
    culprit.write(frame(BINARY, hello));
    expect(await culprit.closed).toEqual({ code: 1003, reason: 'unsupported-data' });
  });
});

test('random bytes end their own connection with a close frame and harm nobody else', async () => {
  await torture({}, async ({ raw, server }) => {
    let random = 12345;
    for (let run = 0; run < 60; run++) {
      const bytes = Buffer.alloc(40);
      for (let i = 0; i < bytes.length; i++) {
        random = (random * 1_103_515_245 + 12_345) & 0x7fffffff;
        bytes[i] = random >> 16;
      }
      const client = await raw(`room-${run}`, 'peer');
      // After what happens to be whole frames, an end that is broken for sure.
      client.write(bytes, frame(3), Buffer.alloc(65_600, 0xff));
      expect([1002, 1003, 1005, 1007, 1009, 1000]).toContain((await client.closed).code);
    }
    await until(() => server.app.rooms.census.rooms === 1);
  });
});
