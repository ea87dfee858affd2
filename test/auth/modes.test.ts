import { expect, test } from 'vitest';
import { build, socket } from '../helper.ts';
import { RawClient, textFrame } from '../plain/raw-client.ts';
import { enter, forge, JWT_SECRET, mint, REQUIRED, tryToken, UNAUTHORIZED } from './mint.ts';

const V1 = 'record-meet.v1';

test('AUTH=off looks at no token: a bad one, another room’s and none all come in', async () => {
  const server = await build({ AUTH: 'off', JWT_SECRET });
  expect((await tryToken(server, 'garbage', 'a').next()).data).toEqual(['a']);
  const others = tryToken(server, forge({ room: 'r2' }), 'b');
  expect((await others.next()).type).toBe('peers');
  expect((await socket(server, '/ws/r/c').next()).type).toBe('peers');
  expect((await socket(server, '/ws/r/d', {}, [V1, 'token.garbage']).next()).type).toBe('peers');
});

test('AUTH=optional lets in who brings none, and refuses a bad token', async () => {
  const server = await build({ AUTH: 'optional', JWT_SECRET });
  expect((await socket(server, '/ws/r/a').next()).type).toBe('peers');
  expect((await tryToken(server, await mint('b'), 'b').next()).type).toBe('peers');
  expect(await tryToken(server, 'garbage', 'c').closed).toEqual(UNAUTHORIZED);
  expect(await socket(server, '/ws/r/c', {}, [V1, 'token.x']).closed).toEqual(UNAUTHORIZED);
  expect((await tryToken(server, await mint('x'), 'c').closed).code).toBe(4503);
});

test('optional is the default outside production', async () => {
  const server = await build({ JWT_SECRET });
  expect((await socket(server, '/ws/r/a').next()).type).toBe('peers');
  expect(await tryToken(server, 'garbage', 'c').closed).toEqual(UNAUTHORIZED);
});

test('AUTH=required refuses who brings none', async () => {
  const server = await build(REQUIRED);
  expect(await socket(server, '/ws/r/a').closed).toEqual(UNAUTHORIZED);
  expect(await socket(server, '/ws/r/a', {}, [V1]).closed).toEqual(UNAUTHORIZED);
  expect((await tryToken(server, await mint('a')).next()).type).toBe('peers');
});

test('required is the default in production', async () => {
  const server = await build({ ENVIRONMENT: 'production', JWT_SECRET });
  expect(await socket(server, '/ws/r/a').closed).toEqual(UNAUTHORIZED);
  expect((await tryToken(server, await mint('a')).next()).type).toBe('peers');
});

test('an empty token counts as none', async () => {
  const optional = await build({ AUTH: 'optional', JWT_SECRET });
  expect((await socket(optional, '/ws/r/a?token=').next()).type).toBe('peers');
  expect((await socket(optional, '/ws/r/b', {}, [V1, 'token.']).next()).type).toBe('peers');
  const required = await build(REQUIRED);
  expect(await socket(required, '/ws/r/a?token=').closed).toEqual(UNAUTHORIZED);
  expect(await socket(required, '/ws/r/a', {}, [V1, 'token.']).closed).toEqual(UNAUTHORIZED);
});

test('a token travels beside record-meet.v1, which is the answer, and never the token', async () => {
  const server = await build(REQUIRED);
  const token = await mint('a');
  for (const protocols of [
    [V1, `token.${token}`],
    [`token.${token}`, V1],
  ]) {
    const a = socket(server, '/ws/r/a', {}, protocols);
    const answered = new Promise<string>((resolve) => {
      a.ws.on('upgrade', ({ headers }) => resolve(JSON.stringify(headers)));
    });
    expect((await a.next()).type).toBe('peers');
    expect(a.ws.protocol).toBe(V1);
    const headers = await answered;
    expect(headers).toContain(`"sec-websocket-protocol":"${V1}"`);
    for (const part of token.split('.')) expect(headers).not.toContain(part);
  }
});

test('a refused join over v1 gets the same answer of the handshake, and then its close', async () => {
  const server = await build(REQUIRED);
  const a = await socket(server, '/ws/r/a', {}, [V1, 'token.garbage']).opened();
  expect(a.ws.protocol).toBe(V1);
  expect(await a.closed).toEqual(UNAUTHORIZED);
});

test('frames sent while the token is checked are not lost', async () => {
  const server = await build(REQUIRED);
  const b = await enter(server, await mint('b'), 'b');
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const glued = numbers.map((data) => textFrame({ type: 'offer', to: 'b', data }));
  const a = new RawClient(server, `/ws/r/a?token=${await mint('a')}`, glued);
  expect(await b.next()).toMatchObject({ type: 'new-peer', data: 'a' });
  expect(await b.next()).toMatchObject({ type: 'peers', data: ['b', 'a'] });
  for (const data of numbers) expect(await b.next()).toMatchObject({ type: 'offer', from: 'a', data });
  expect(await a.hello()).toMatchObject({ type: 'peers', data: ['b', 'a'] });
});

test('frames of one whose token is refused reach nobody', async () => {
  const server = await build(REQUIRED);
  const b = await enter(server, await mint('b'), 'b');
  const glued = [textFrame({ type: 'chat', data: 'hello' })];
  expect(await new RawClient(server, '/ws/r/a?token=garbage', glued).closeCode()).toBe(4501);
  expect(await b.flush()).toEqual([]);
});
