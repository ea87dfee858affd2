import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join as joinPath } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import about from '../package.json' with { type: 'json' };
import { CloseCode, closeReason, ErrorCode } from '../src/protocol/codes.ts';
import { plainTypes, serverTypes, v1Types } from '../src/protocol/messages.ts';
import { enter, JWT_SECRET, mint } from './auth/mint.ts';
import { build, describeWith, type Frame, join, type TestSocket, until } from './helper.ts';
import { ADMIN_TOKEN, ask } from './routes/admin-api.ts';
import { joinV1 } from './v1/v1.ts';

interface Message {
  name: string;
  tags?: { name: string }[];
  payload: { allOf: [{ properties: { type: { const: string } } }, object] };
}
interface Document {
  info: { version: string };
  channels: {
    signaling: {
      messages: Record<string, { $ref: string }>;
      'x-close-codes': { code: number; reason: string }[];
    };
  };
  operations: Record<string, { action: string; messages: { $ref: string }[] }>;
  components: { messages: Record<string, Message>; schemas: { ErrorCode: { enum: string[] } } };
}

const text = readFileSync(joinPath(import.meta.dirname, '../docs/asyncapi.yaml'), 'utf8');
const document = parse(text) as Document;
const { messages } = document.components;
const ajv = new Ajv({ strict: false, validateFormats: false });

/** The messages of one side, by their types; with a tag those that v1 alone has. */
function typesOf(side: 'client' | 'server', tag?: string): string[] {
  const own = Object.entries(messages).filter(([name]) => name.startsWith(`${side}.`));
  const tagged = own.filter(([, { tags }]) => !tag || tags?.some(({ name }) => name === tag));
  return tagged.map(([, { name }]) => name).sort();
}

/** AsyncAPI's own parser, of a package of its own, and what it says of a document; 0 is an error. */
interface ParserPackage {
  Parser: new () => {
    parse(text: string): Promise<{ diagnostics: { severity: number; message: string }[] }>;
  };
}

describeWith('the AsyncAPI parser', 'AsyncAPI’s own parser', () => {
  test('finds nothing wrong with the description, and would find it', async () => {
    const require = createRequire(joinPath(import.meta.dirname, 'asyncapi/package.json'));
    const { Parser } = require('@asyncapi/parser') as ParserPackage;
    const parser = new Parser();
    expect((await parser.parse(text)).diagnostics).toEqual([]);
    for (const broken of [
      { ...document, operations: { x: { action: 'shout' } } },
      { ...document, operations: { x: { action: 'send', channel: { $ref: '#/channels/none' } } } },
    ]) {
      const { diagnostics } = await parser.parse(stringify(broken));
      expect(diagnostics.filter(({ severity }) => severity === 0)).not.toEqual([]);
    }
  });
});

describe('the description of the socket', () => {
  test('is of the same version as the package', () => {
    expect(document.info.version).toBe(about.version);
  });

  test('has the types of the code, and those of v1 are marked', () => {
    const passedOn = ['offer', 'answer', 'ice', 'chat', 'state', 'ack'];
    expect(typesOf('client')).toEqual([...plainTypes, ...v1Types].sort());
    expect(typesOf('client', 'v1')).toEqual([...v1Types].sort());
    expect(typesOf('server')).toEqual([...serverTypes, ...passedOn].sort());
    expect(typesOf('server', 'v1')).toEqual(['ack', 'go-away', 'peer-away', 'peer-back', 'state']);
    for (const [key, { name, payload }] of Object.entries(messages)) {
      expect(key.split('.')[1]).toBe(name);
      expect(payload.allOf[0].properties.type.const).toBe(name);
    }
  });

  test('every message is in the channel and in one operation, and every reference leads somewhere', () => {
    const { signaling } = document.channels;
    expect(Object.keys(signaling.messages)).toEqual(Object.keys(messages));
    const inOperations = Object.values(document.operations).flatMap(({ messages }) => messages);
    expect(inOperations.map(({ $ref }) => $ref.split('/').at(-1)).sort()).toEqual(
      Object.keys(messages).sort(),
    );
    for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#\/(.*?)"/g)) {
      const at = ref!
        .split('/')
        .reduce<unknown>((in_, key) => (in_ as Record<string, unknown>)?.[key], document);
      expect(at, ref).toBeDefined();
    }
  });

  test('has the error codes and the close codes of the code', () => {
    expect(document.components.schemas.ErrorCode.enum.sort()).toEqual(Object.values(ErrorCode).sort());
    const closes = document.channels.signaling['x-close-codes'];
    // These the library under the socket sends.
    const codes = [...Object.values(CloseCode), 1002, 1007, 1008, 1009];
    expect(closes.map(({ code }) => code)).toEqual(codes.sort((a, b) => a - b));
    for (const { code, reason } of closes) expect(reason).toBe(closeReason[code as CloseCode] ?? '');
  });
});

describe('what a real server sends', () => {
  const frames: Frame[] = [];

  /** Everything that a socket gets from now on. */
  function record<S extends TestSocket>(socket: S): S {
    socket.ws.on('message', (data) => frames.push(JSON.parse(data.toString())));
    return socket;
  }

  beforeAll(() => ajv.addSchema({ $id: 'doc', ...document }));

  test('is as the description says, each type of it', async () => {
    const server = await build({ ADMIN_TOKEN, JWT_SECRET });
    const host = record(await enter(server, await mint('host', { host: true }), 'host'));
    const a = record(await joinV1(server, 'r', 'a'));
    const b = record(await joinV1(server, 'r', 'b'));
    const plain = record(await join(server, 'r', 'plain'));
    for (const type of ['offer', 'answer', 'ice']) {
      a.send({ type, to: 'plain', data: { n: 1 }, id: 'x.1' });
      plain.send({ type, to: 'a', data: null });
    }
    a.send({ type: 'ack', to: 'b', id: 'x.1' });
    a.send({ type: 'state', data: { name: 'Ada' } });
    a.send({ type: 'chat', data: 'to all', id: 'm1' });
    a.send({ type: 'chat', data: 'to one', to: 'b' });
    a.send({ type: 'peers', id: 'p' });
    a.send({ type: 'ping', id: 'q' });
    for (const bad of ['{', { type: 'chat' }, { type: 'what' }, { type: 'ice', to: 'nobody', data: 1 }])
      a.send(bad);
    a.send({ type: 'remove', to: 'b' });
    await a.flush();
    await ask(server, 'POST /r/announcement', '{"data":{"text":"Pause"}}');
    b.ws.terminate();
    await until(() => server.app.rooms.census.away === 1);
    const back = await joinV1(server, 'r', 'b', { seat: b.welcome.seat, since: 0 });
    frames.push({
      type: 'peers',
      room: 'r',
      from: 'server',
      data: back.data,
      session: back.welcome,
    } as never);
    host.send({ type: 'remove', to: 'plain' });
    await a.nextOf('peer-left');
    for (const session of server.app.rooms.sessions) session.goAway({ reason: 'drain', withinMs: 1 });
    await a.nextOf('go-away');

    for (const frame of frames) {
      const valid = ajv.getSchema(`doc#/components/messages/server.${frame.type}/payload`)!;
      expect([frame, valid(frame), valid.errors]).toEqual([frame, true, null]);
      const { type: _, ...less } = frame;
      expect(valid(less)).toBe(false);
    }
    expect([...new Set(frames.map(({ type }) => type))].sort()).toEqual(typesOf('server'));
  });
});
