import { expect, test } from 'vitest';
import { build, join, socket, type TestServer } from '../helper.ts';
import { enter, forge, JWT_SECRET, mint, now, REMOVED, REQUIRED, tryToken } from './mint.ts';

/** A host, and `b` with this token. */
async function scene(token: string, env: Record<string, string> = REQUIRED) {
  const server = await build(env);
  const host = await enter(server, await mint('host', { host: true }), 'host');
  const b = await enter(server, token, 'b');
  await host.flush();
  return { server, host, b };
}

async function removed(token: string): Promise<TestServer> {
  const { server, host, b } = await scene(token);
  host.send({ type: 'remove', to: 'b' });
  expect(await b.closed).toEqual(REMOVED);
  return server;
}

test('a host removes a peer: 4511 for it, peer-left once for each of the others', async () => {
  const { server, host, b } = await scene(await mint('b'));
  const c = await enter(server, await mint('c'), 'c');
  await host.flush();
  host.send({ type: 'remove', to: 'b' });
  expect(await b.closed).toEqual(REMOVED);
  const left = { type: 'peer-left', room: 'r', from: 'server', data: 'b' };
  expect(await host.flush()).toEqual([left]);
  expect(await c.flush()).toEqual([left]);
  host.send({ type: 'peers' });
  expect((await host.next()).data).toEqual(['host', 'c']);
});

test('who has no host: true in its token gets forbidden, and nobody is removed', async () => {
  const server = await build({ JWT_SECRET });
  const b = await enter(server, await mint('b'), 'b');
  const forms = { no: undefined, text: 'true', one: 1, list: [true], null: null, false: false };
  for (const [name, host] of Object.entries(forms)) {
    const peer = await enter(server, forge({ sub: name, host }), name);
    peer.send({ type: 'remove', to: 'b', id: 'x' });
    const error = { id: 'x', data: { code: 'forbidden', message: expect.any(String) } };
    expect(await peer.nextOf('error')).toMatchObject(error);
  }
  const stranger = await join(server, 'r', 'stranger');
  stranger.send({ type: 'remove', to: 'b' });
  expect((await stranger.nextOf('error')).data).toMatchObject({ code: 'forbidden' });
  expect((await b.flush()).map(({ type }) => type)).not.toContain('peer-left');
});

test('a host of one room is none in another', async () => {
  const server = await build({ JWT_SECRET });
  await enter(server, await mint('host', { host: true }), 'host');
  const b = await join(server, 'r2', 'b');
  const host = socket(server, `/ws/r2/host?token=${await mint('host', { host: true })}`);
  expect((await host.closed).code).toBe(4503);
  expect(await b.flush()).toEqual([]);
});

test('a target that is not there is peer-not-found', async () => {
  const { host } = await scene(await mint('b'));
  host.send({ type: 'remove', to: 'nobody', id: '7' });
  expect(await host.next()).toMatchObject({ type: 'error', id: '7', data: { code: 'peer-not-found' } });
});

test.each([{}, { to: '' }, { to: 5 }, { to: null }, { to: ['b'] }])(
  'remove with %j is invalid-message',
  async (more) => {
    const { host, b } = await scene(await mint('b'));
    host.send({ type: 'remove', ...more });
    expect(await host.next()).toMatchObject({ type: 'error', data: { code: 'invalid-message' } });
    expect(await b.flush()).toEqual([]);
  },
);

test('the token of a removed peer is refused with 4511 from then on, in another form of join too', async () => {
  const token = await mint('b');
  const server = await removed(token);
  expect(await tryToken(server, token, 'b').closed).toEqual(REMOVED);
  const protocols = ['record-meet.v1', `token.${token}`];
  expect(await socket(server, '/ws/r/b', {}, protocols).closed).toEqual(REMOVED);
  expect(await tryToken(server, token, 'b').closed).toEqual(REMOVED);
});

test('the removed token written otherwise is the same token, and refused too', async () => {
  // Issued by a clock that goes ahead, so that its iat is later than the removal.
  const token = forge({ sub: 'b', iat: now() + 30 });
  const server = await removed(token);
  expect(await tryToken(server, token, 'b').closed).toEqual(REMOVED);
  // The last of the 43 characters has two bits to spare, and a lenient decoder reads past blanks and padding.
  const last = token.at(-1)!;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const spare = letters[letters.indexOf(last) ^ 1]!;
  const dot = token.lastIndexOf('.') + 1;
  const forms = [
    token.slice(0, -1) + spare,
    `${token}=`,
    `${token} `,
    `${token.slice(0, dot)} ${token.slice(dot)}`,
  ];
  for (const form of forms) {
    const again = tryToken(server, form, 'b');
    const { code } = await Promise.race([again.closed, again.next().then(() => ({ code: 'let in' }))]);
    expect([4501, 4511], `as ${JSON.stringify(form.slice(dot))}`).toContain(code);
  }
});

test('a token issued later, by iat, is accepted; one issued earlier, or without iat, is refused', async () => {
  const server = await removed(forge({ sub: 'b', iat: now() - 60 }));
  expect(await tryToken(server, forge({ sub: 'b', iat: now() - 30 }), 'b').closed).toEqual(REMOVED);
  expect(await tryToken(server, forge({ sub: 'b', iat: now() - 90 }), 'b').closed).toEqual(REMOVED);
  expect(await tryToken(server, forge({ sub: 'b', iat: undefined }), 'b').closed).toEqual(REMOVED);
  const later = tryToken(server, forge({ sub: 'b', iat: now() + 30 }), 'b');
  expect((await later.next()).data).toEqual(['host', 'b']);
});

test('another peer, and the same peer id in another room, are not touched', async () => {
  const server = await removed(await mint('b'));
  expect((await tryToken(server, await mint('c'), 'c').next()).type).toBe('peers');
  const elsewhere = socket(server, `/ws/r2/b?token=${forge({ sub: 'b', room: 'r2', iat: now() - 60 })}`);
  expect((await elsewhere.next()).data).toEqual(['b']);
});

test('an older removal is not forgotten with a newer one', async () => {
  const first = forge({ sub: 'b', iat: now() - 60 });
  const second = forge({ sub: 'b', iat: now() + 30 });
  const { server, host, b } = await scene(first);
  host.send({ type: 'remove', to: 'b' });
  await b.closed;
  const again = await enter(server, second, 'b');
  host.send({ type: 'remove', to: 'b' });
  expect(await again.closed).toEqual(REMOVED);
  expect(await tryToken(server, first, 'b').closed).toEqual(REMOVED);
  expect(await tryToken(server, second, 'b').closed).toEqual(REMOVED);
});

test('a peer without a token is removed as well, and a token of it issued before is refused', async () => {
  const older = forge({ sub: 'b', iat: now() - 5 });
  const server = await build({ JWT_SECRET });
  const host = await enter(server, await mint('host', { host: true }), 'host');
  const b = await join(server, 'r', 'b');
  host.send({ type: 'remove', to: 'b' });
  expect(await b.closed).toEqual(REMOVED);
  expect(await tryToken(server, older, 'b').closed).toEqual(REMOVED);
});
