import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config-error.ts';
import { BINARY, CONTINUATION, frame, PING, type RawSocket, TEXT, text } from './raw.ts';
import { torture } from './scene.ts';

/** A `ping` of exactly this many bytes. */
function sized(bytes: number): string {
  const empty = JSON.stringify({ type: 'ping', data: '' });
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
}

/** The message in this many fragments. */
function fragments(message: string, count: number): Buffer[] {
  const size = Math.ceil(message.length / count);
  return Array.from({ length: count }, (_, i) => {
    const part = message.slice(i * size, (i + 1) * size);
    return frame(i === 0 ? TEXT : CONTINUATION, part, { fin: i === count - 1 });
  });
}

async function answered(client: RawSocket, message: string): Promise<void> {
  expect((await client.next()).data).toBe(JSON.parse(message).data);
}

test('a message of exactly MAX_MESSAGE_BYTES passes, one byte more closes with 1009', async () => {
  await torture({ MAX_MESSAGE_BYTES: '1000' }, async ({ raw, join }) => {
    const witness = await join('room', 'witness');
    for (const parts of [1, 2, 10]) {
      const client = await raw('room', `peer-${parts}`);
      client.write(...fragments(sized(1000), parts));
      await answered(client, sized(1000));
      client.write(...fragments(sized(1001), parts));
      expect((await client.closed).code).toBe(1009);
      expect((await witness.nextOf('peer-left')).data).toBe(`peer-${parts}`);
    }
  });
});

test('the default limit is 65536 bytes', async () => {
  await torture({}, async ({ raw }) => {
    const client = await raw('room', 'peer');
    client.send(sized(65_536));
    await answered(client, sized(65_536));
    client.send(sized(65_537));
    expect((await client.closed).code).toBe(1009);
  });
});

test('a header that claims too much closes with 1009 at once, before the bytes have come', async () => {
  await torture({}, async ({ raw }) => {
    for (const length of [65_537, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
      for (const opcode of [TEXT, BINARY]) {
        const client = await raw('room', 'peer');
        client.write(frame(opcode, '', { length }));
        expect((await client.closed).code, String(length)).toBe(1009);
      }
    }
    const client = await raw('room', 'last');
    client.write(frame(TEXT, '{"type":', { fin: false }), frame(CONTINUATION, '', { length: 65_536 }));
    expect((await client.closed).code).toBe(1009);
  });
});

test('MAX_MESSAGE_BYTES=0 means no limit', async () => {
  const env = { MAX_MESSAGE_BYTES: '0', BYTE_RATE: '0', MAX_BUFFERED_BYTES: '0' };
  await torture(env, async ({ raw }) => {
    const client = await raw('room', 'peer');
    for (const parts of [1, 64]) {
      client.write(...fragments(sized(2_000_000), parts));
      await answered(client, sized(2_000_000));
    }
  });
});

test('a message in exactly MAX_FRAGMENTS fragments passes, one more closes with 1008', async () => {
  await torture({ MAX_FRAGMENTS: '8' }, async ({ raw, join }) => {
    const witness = await join('room', 'witness');
    const client = await raw('room', 'peer');
    for (let i = 0; i < 3; i++) {
      client.write(...fragments(sized(100), 8));
      await answered(client, sized(100));
    }
    client.write(...fragments(sized(100), 9));
    expect((await client.closed).code).toBe(1008);
    expect((await witness.nextOf('peer-left')).data).toBe('peer');
  });
});

test('the default is 64 fragments, and empty ones count', async () => {
  await torture({}, async ({ raw }) => {
    const client = await raw('room', 'peer');
    client.write(...fragments(sized(640), 64));
    await answered(client, sized(640));
    const empty = Array.from({ length: 63 }, () => frame(CONTINUATION, '', { fin: false }));
    client.write(frame(TEXT, sized(50), { fin: false }), ...empty, frame(CONTINUATION));
    expect((await client.closed).code).toBe(1008);
  });
});

test('a message that never ends closes with 1008 or 1009, and is not kept', async () => {
  await torture({}, async ({ raw }) => {
    for (const size of [0, 1, 4_000]) {
      const client = await raw('room', 'peer');
      client.write(frame(TEXT, '"', { fin: false }));
      for (let i = 0; i < 70; i++) client.write(frame(CONTINUATION, 'x'.repeat(size), { fin: false }));
      expect((await client.closed).code).toBe(size > 1_000 ? 1009 : 1008);
    }
  });
});

test('MAX_FRAGMENTS=0 means no limit', async () => {
  await torture({ MAX_FRAGMENTS: '0' }, async ({ raw }) => {
    const client = await raw('room', 'peer');
    client.write(...fragments(sized(5_000), 5_000));
    await answered(client, sized(5_000));
  });
});

test('pings between the fragments of a message are answered, and are no fragments', async () => {
  await torture({ MAX_FRAGMENTS: '8' }, async ({ raw }) => {
    const client = await raw('room', 'peer');
    for (const part of fragments(sized(800), 8)) client.write(part, frame(PING, 'a'), frame(PING, 'b'));
    await answered(client, sized(800));
    client.write(text({ type: 'ping', data: 2 }));
    expect((await client.next()).data).toBe(2);
    expect(client.pongs.join('')).toBe('ab'.repeat(8));
  });
});

test('a limit past what 32 bits hold is kept or refused at the start, and not another one', async () => {
  for (const name of ['MAX_MESSAGE_BYTES', 'MAX_FRAGMENTS']) {
    const start = torture({ [name]: String(2 ** 32 + 1) }, async ({ raw }) => {
      const client = await raw('room', 'peer');
      client.write(...fragments(sized(500), 5));
      await answered(client, sized(500));
    });
    await start.catch((error) => {
      if (!(error instanceof ConfigError)) throw error;
    });
  }
});
