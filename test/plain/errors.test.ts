import { expect, test } from 'vitest';
import { build, join, type TestSocket } from '../helper.ts';

/** The message that caused it, the code that it earns, and what the sentence has to name. */
type Case = [message: unknown, code: string, names?: string];

const INVALID_JSON: Case[] = ['', ' ', 'hello', '{', '{"type":"ping"', "{'type':'ping'}", '{"type":"ping"} x']
  .concat(['{"type":"ping",}', '{"type":"ping","data":01}', '{"data":NaN}', '{"data":"\n"}', 'undefined'])
  .map((text) => [text, 'invalid-json']);

const NOT_AN_OBJECT: Case[] = ['[]', 'null', '7', '"ping"', 'true', '[{"type":"ping"}]'].map((text) => [
  text,
  'invalid-message',
]);

const WRONG_KIND: Case[] = [
  [{}, 'invalid-message', 'type'],
  ...[7, null, {}, ['ping'], true].map((type): Case => [{ type }, 'invalid-message', 'type']),
  ...[7, null, {}, ['b'], true].map((to): Case => [{ type: 'offer', to, data: 1 }, 'invalid-message', 'to']),
  ...[7, null, {}, ['b'], true].map((to): Case => [{ type: 'chat', to, data: 1 }, 'invalid-message', 'to']),
  ...[7, null, {}, true, '', 'x'.repeat(129)].map(
    (id): Case => [{ type: 'offer', to: 'b', data: 1, id }, 'invalid-message', 'id'],
  ),
];

const MISSING: Case[] = [
  ...['offer', 'answer', 'ice'].flatMap((type): Case[] => [
    [{ type, data: 1 }, 'invalid-message', 'to'],
    [{ type, to: '', data: 1 }, 'invalid-message', 'to'],
    [{ type, to: 'b' }, 'invalid-message', 'data'],
  ]),
  [{ type: 'chat' }, 'invalid-message', 'data'],
  [{ type: 'chat', to: 'b' }, 'invalid-message', 'data'],
  [{ type: 'remove' }, 'invalid-message', 'to'],
];

const UNKNOWN: Case[] = ['state', 'ack', 'report', 'new-peer', 'peer-left', 'pong', 'error', 'announcement']
  .concat([
    'go-away',
    'peer-away',
    'Offer',
    'offer ',
    'nonsense',
    '__proto__',
    'constructor',
    'toString',
    '🦊',
  ])
  .map((type) => [{ type, to: 'b', data: {}, id: 'i' }, 'unknown-type', type]);

const NOBODY: Case[] = ['offer', 'answer', 'ice', 'chat'].flatMap((type) =>
  ['nobody', 'B', 'server', '__proto__', 'constructor', 'b ', '🦊', 'elsewhere'].map(
    (to): Case => [{ type, to, data: 1, id: 'i' }, 'peer-not-found', to],
  ),
);

async function room(): Promise<{ a: TestSocket; b: TestSocket }> {
  const server = await build();
  const b = await join(server, 'room', 'b');
  const a = await join(server, 'room', 'a');
  await join(server, 'another room', 'elsewhere');
  await b.flush();
  return { a, b };
}

test.for([
  ['invalid-json: no JSON', INVALID_JSON],
  ['invalid-message: not an object', NOT_AN_OBJECT],
  ['invalid-message: type, to or id of the wrong kind', WRONG_KIND],
  ['invalid-message: a needed field missing', MISSING],
  ['unknown-type: what only v1 or the server says, and the rest', UNKNOWN],
  ['peer-not-found: nobody of that id in this room', NOBODY],
  ['forbidden: remove, from anybody but a host', [[{ type: 'remove', to: 'b', id: 'i' }, 'forbidden']]],
] as [string, Case[]][])('%s: one error to the sender, and the socket stays', async ([, cases]) => {
  const { a, b } = await room();
  for (const [message, code, names = ''] of cases) {
    const sent = JSON.stringify(message);
    a.send(message);
    const error = await a.next();
    expect(error, sent).toMatchObject({ type: 'error', room: 'room', from: 'server', data: { code } });
    const { message: sentence } = error.data as { message: string };
    expect(Object.keys(error.data as object).sort(), sent).toEqual(['code', 'message']);
    // One English sentence.
    expect(sentence, sent).toMatch(/^["A-Z][^\n]+ [^\n]+\.$/);
    expect(sentence, sent).toContain(names);
    // The id of the offending message, where it had one that is good.
    const id = Object(message).id === 'i' ? 'i' : undefined;
    expect(error.id, sent).toBe(id);
    expect(await a.flush(), sent).toEqual([]);
  }
  expect(await b.flush()).toEqual([]);
});

test('an error carries the id beside data, in each kind of error that can know it', async () => {
  const { a } = await room();
  const id = 'x'.repeat(128);
  for (const [message, code] of [
    [{ type: 'offer', id }, 'invalid-message'],
    [{ type: 'offer', to: 7, id, data: 1 }, 'invalid-message'],
    [{ type: 7, id }, 'invalid-message'],
    [{ id }, 'invalid-message'],
    [{ type: 'nonsense', id }, 'unknown-type'],
    [{ type: 'chat', to: 'nobody', data: 1, id }, 'peer-not-found'],
    [{ type: 'remove', to: 'b', id }, 'forbidden'],
  ] as const) {
    a.send(message);
    expect(await a.next()).toEqual({
      type: 'error',
      room: 'room',
      from: 'server',
      data: { code, message: expect.any(String) },
      id,
    });
  }
});

test('a long or strange value in a sentence makes no broken frame', async () => {
  const { a } = await room();
  for (const value of [
    'x'.repeat(60_000),
    '🦊'.repeat(1000),
    '"\\\n\u0000',
    '\ud83e',
    `${'x'.repeat(63)}🦊`,
  ]) {
    a.send({ type: value });
    expect(await a.next()).toMatchObject({ data: { code: 'unknown-type' } });
    a.send({ type: 'offer', to: value, data: 1 });
    const text = await a.nextText();
    expect(JSON.parse(text)).toMatchObject({ data: { code: 'peer-not-found' } });
    expect(text.length).toBeLessThan(2000);
  }
});

test('rate-limited: a message over MESSAGE_RATE is refused with its id, is not passed on, and closes nothing', async () => {
  const server = await build({ MESSAGE_RATE: '0.01', MESSAGE_BURST: '3' });
  const b = await join(server, 'room', 'b');
  const a = await join(server, 'room', 'a');
  for (let n = 1; n <= 5; n++) a.send({ type: 'offer', to: 'b', data: n, id: `${n}` });
  for (const id of ['4', '5']) {
    expect(await a.next()).toEqual({
      type: 'error',
      room: 'room',
      from: 'server',
      data: { code: 'rate-limited', message: expect.stringMatching(/\.$/) },
      id,
    });
  }
  const got = await b.flush();
  expect(got.filter(({ type }) => type === 'offer').map(({ data }) => data)).toEqual([1, 2, 3]);
  // The limit is each connection's own, and a still hears the others.
  b.send({ type: 'offer', to: 'a', data: 'still there?' });
  expect(await a.next()).toMatchObject({ type: 'offer', data: 'still there?' });
  expect(got.map(({ type }) => type)).not.toContain('peer-left');
});
