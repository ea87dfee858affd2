import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { join, socket } from './helper.ts';
import { linesOf, start } from './process-helper.ts';

test('one start-up line says where to connect', async () => {
  const server = await start();
  const where = server.logs.filter((line) => String(line.msg).includes('ws://'));
  expect(where).toHaveLength(1);
  expect(where[0]!.msg).toContain(`:${server.port}/ws/:room/:peerId`);
  await join(server, 'room-1', 'peer-a');
});

test('a join and a leave are logged one line each: room, peer, duration, messages and close code', async () => {
  const server = await start();
  const a = await join(server, 'room-1', 'peer-a');
  a.send({ type: 'chat', data: 'one' });
  await a.flush();
  a.ws.close(4000);
  await server.logged({ msg: 'peer left' });
  const about = server.logs.filter((line) => line.room === 'room-1');
  expect(about).toEqual([
    expect.objectContaining({ msg: 'peer joined', room: 'room-1', peer: 'peer-a' }),
    expect.objectContaining({
      msg: 'peer left',
      room: 'room-1',
      peer: 'peer-a',
      seconds: expect.any(Number),
      messages: 2, // the chat, and the ping of flush()
      code: 4000,
    }),
  ]);
});

test('a connection that is cut leaves with code 1006', async () => {
  const server = await start();
  const a = await join(server, 'room-1', 'peer-a');
  a.ws.terminate();
  expect(await server.logged({ msg: 'peer left' })).toMatchObject({
    peer: 'peer-a',
    code: 1006,
    messages: 0,
  });
});

test.each([
  ['debug', 0],
  ['trace', 2],
])('relays are logged at trace only, never their data: at %s %i lines', async (LOG_LEVEL, count) => {
  const server = await start({ LOG_LEVEL });
  const a = await join(server, 'room-1', 'peer-a');
  const b = await join(server, 'room-1', 'peer-b');
  a.send({ type: 'offer', to: 'peer-b', data: { sdp: 'private words' } });
  a.send({ type: 'ice', to: 'peer-b', data: { candidate: 'private words' } });
  await b.nextOf('ice');
  b.ws.close();
  await server.logged({ msg: 'peer left' });
  expect(server.logs.filter((line) => line.to === 'peer-b')).toHaveLength(count);
  expect(server.output).not.toContain('private words');
});

/** What might end a line, or a string in it, or paint over the line before. */
const NASTY = [
  '"},"level":60,"msg":"forged"}',
  "'); forged",
  '\u2028{"level":60,"msg":"forged"}',
  '\u2029[00:00:00] FATAL: forged',
  '\\n[00:00:00] FATAL: forged\\u001b[31m',
  '%0a[00:00:00] FATAL: forged',
  '\u202eforged',
];

/** What may not be in an id, but comes in other places. */
const CONTROLS = '\r\n[00:00:00] FATAL: forged\u001b[31m\u0085\u009b31mforged';

test.each(['test', 'development'])('no id forges a log line with ENVIRONMENT=%s', async (ENVIRONMENT) => {
  const server = await start({ ENVIRONMENT, LOG_LEVEL: 'trace' });
  const before = linesOf(server.stdout).length;
  for (const id of NASTY) {
    const peer = await join(server, `room ${id}`, `peer ${id}`);
    peer.send({ type: 'offer', to: CONTROLS, data: 1 }); // one line at trace
    await peer.flush(); // another
    peer.ws.close();
    await peer.closed;
  }
  for (const id of [CONTROLS, 'a\nb', 'a\u001b[2Kb']) {
    const refused = socket(server, `/ws/r/${encodeURIComponent(id)}`);
    expect(await refused.closed).toEqual({ code: 4500, reason: 'invalid-id' });
  }
  await join(server, 'last', 'last');
  server.kill('SIGINT');
  await server.exited;
  const lines = linesOf(server.stdout).slice(before);
  if (ENVIRONMENT === 'test') for (const line of lines) expect(JSON.parse(line).msg).not.toBe('forged');
  else for (const line of lines) expect(line).toMatch(/^\[\d\d:\d\d:\d\d\] (TRACE|DEBUG|INFO|WARN): \w/);
  expect(lines.filter((line) => /^.{0,40}(FATAL|forged)/.test(line))).toEqual([]);
  expect(server.output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  // Joined, two messages, left: no line more and no line less for any of the ids.
  expect(lines.filter((line) => line.includes('peer ') && line.includes('forged'))).toHaveLength(
    4 * NASTY.length,
  );
});

test('a token in ?token= or a subprotocol is in no output, whatever becomes of the request', async () => {
  const server = await start({ LOG_LEVEL: 'trace' });
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwZWVyLWEifQ.c2VjcmV0LXNpZ25hdHVyZQ';
  const query = `?token=${token}`;
  for (const path of [`/ws/room-1/peer-a${query}`, `/ws/room-1/a%0ab${query}`, `/nowhere${query}`]) {
    const tried = socket(server, path);
    await Promise.race([tried.opened().catch(() => {}), tried.closed]);
  }
  const foreign = socket(server, `/ws/room-1/peer-b${query}`, { origin: 'https://elsewhere.example' });
  await foreign.closed;
  const offered = socket(server, '/ws/room-1/peer-c', {}, [
    'record-meet.v1',
    `token.${token}`,
    `seat.${token}`,
  ]);
  await offered.closed.then(
    () => {},
    () => {},
  );
  for (const path of ['/ws/room-1/peer-d', '/health', '/nowhere', '/ws/%zz/a', '/stats']) {
    await fetch(`${server.url}${path}${query}`, { headers: { authorization: `Bearer ${token}` } });
  }
  const broken = connect(server.port, '127.0.0.1');
  broken.resume();
  broken.write(`GET /ws/r/p${query} HTTP/1.1\r\nbad header\r\n\r\n`);
  await new Promise((resolve) => broken.on('close', resolve));
  server.kill('SIGINT');
  await server.exited;
  expect(server.output).not.toContain(token);
  // A logged Buffer is the token all the same, as a list of numbers.
  expect(server.output).not.toContain([...Buffer.from(token)].join(','));
  expect(server.output).not.toContain(Buffer.from(token).toString('hex'));
});
