import { expect, test } from 'vitest';
import { CLOSE, CONTINUATION, frame, PING, type RawSocket, TEXT, text, upgrade } from './raw.ts';
import { torture } from './scene.ts';

/** Sends each byte in a packet of its own. */
async function drip(client: RawSocket, bytes: Uint8Array): Promise<void> {
  for (const byte of bytes) {
    await new Promise<void>((resolve, reject) => {
      client.socket.write(Buffer.of(byte), (error) => (error ? reject(error) : resolve()));
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('bytes may drip one at a time, from the first of the upgrade request to the last of the close', async () => {
  await torture({}, async ({ rawWith, join }) => {
    const other = await join('room', 'other');
    const client = rawWith(Buffer.alloc(0));
    await drip(client, upgrade('/ws/room/dripping'));
    expect((await client.next()).data).toEqual(['other', 'dripping']);
    await drip(client, text({ type: 'offer', to: 'other', data: 'ä€😀' }));
    expect((await other.nextOf('offer')).data).toBe('ä€😀');
    await drip(client, frame(PING, 'p'));
    const long = { type: 'offer', to: 'other', data: 'x'.repeat(300) };
    const [first, second] = [JSON.stringify(long).slice(0, 150), JSON.stringify(long).slice(150)];
    await drip(client, frame(TEXT, first, { fin: false }));
    await drip(client, frame(CONTINUATION, second));
    expect((await other.nextOf('offer')).data).toBe(long.data);
    expect(client.pongs).toEqual(['p']);
    await drip(client, frame(CLOSE, Buffer.from([0x03, 0xe8])));
    expect((await client.closed).code).toBe(1000);
    expect((await other.nextOf('peer-left')).data).toBe('dripping');
  });
});

test('frames glued to the upgrade request are served, after the first peers', async () => {
  await torture({}, async ({ rawWith, join }) => {
    const other = await join('room', 'other');
    const messages = [1, 2, 3].map((data) => text({ type: 'offer', to: 'other', data }));
    const client = rawWith(
      Buffer.concat([upgrade('/ws/room/glued'), ...messages, text({ type: 'ping', data: 9 })]),
    );
    expect(await client.next()).toMatchObject({ type: 'peers', data: ['other', 'glued'] });
    expect(await client.next()).toMatchObject({ type: 'pong', data: 9 });
    const types = (await other.flush()).map(({ type, data }) => [type, data]);
    expect(types).toEqual([
      ['new-peer', 'glued'],
      ['peers', ['other', 'glued']],
      ['offer', 1],
      ['offer', 2],
      ['offer', 3],
    ]);
  });
});

test('half a frame glued to the upgrade request waits for its other half', async () => {
  await torture({}, async ({ rawWith }) => {
    const bytes = text({ type: 'ping', data: 'whole' });
    for (let cut = 1; cut < bytes.length; cut += 5) {
      const client = rawWith(Buffer.concat([upgrade(`/ws/room/${cut}`), bytes.subarray(0, cut)]));
      await client.nextOf('peers');
      client.write(bytes.subarray(cut));
      expect((await client.nextOf('pong')).data).toBe('whole');
    }
  });
});

test('what is broken is closed as ever when it is glued to the upgrade request', async () => {
  await torture({ MAX_MESSAGE_BYTES: '1000' }, async ({ rawWith }) => {
    const cases: [bytes: Buffer, code: number][] = [
      [frame(3), 1002],
      [frame(TEXT, Buffer.from([0xff])), 1007],
      [text('x'.repeat(1001)), 1009],
      [frame(2, 'x'), 1003],
      [frame(CLOSE, Buffer.from([0x03, 0xe9])), 1001],
      [frame(CLOSE), 1005],
    ];
    for (const [bytes, code] of cases) {
      const client = rawWith(Buffer.concat([upgrade('/ws/room/glued'), bytes]));
      expect((await client.closed).code).toBe(code);
      expect(client.unread.length).toBeLessThanOrEqual(1);
    }
  });
});

test('a thousand messages in one packet are all served, in order', async () => {
  await torture({ MESSAGE_RATE: '0' }, async ({ raw }) => {
    const client = await raw('room', 'peer');
    client.write(...Array.from({ length: 1_000 }, (_, data) => text({ type: 'ping', data })));
    for (let data = 0; data < 1_000; data++) expect((await client.next()).data).toBe(data);
  });
});

test('a newcomer who has to wait for an occupied id loses nothing that it said meanwhile', async () => {
  await torture({}, async ({ raw, rawWith, join }) => {
    const other = await join('room', 'other');
    const dead = await raw('room', 'peer');
    dead.answers = false;
    const messages = [1, 2, 3].map((data) => text({ type: 'offer', to: 'other', data }));
    const next = rawWith(Buffer.concat([upgrade('/ws/room/peer'), messages[0]!]));
    await next.opened;
    next.write(messages[1]!, messages[2]!);
    expect((await next.next()).data).toEqual(['other', 'peer']);
    for (const data of [1, 2, 3]) expect((await other.nextOf('offer')).data).toBe(data);
    expect((await dead.closed).code).toBe(1006);
  });
});
