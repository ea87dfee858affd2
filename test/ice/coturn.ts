import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { own } from '../own.ts';
import { freePort } from '../ports.ts';
import { TurnClient } from './turn-client.ts';

export const TURN_SECRET = 'a secret that coturn and the server share';

/** A coturn on a free port of 127.0.0.1. */
export interface Coturn {
  port: number;
  /** Everything it printed so far. */
  output(): string;
}

/** What every test wants, and one that relays between peers of this machine. */
const LOOPBACK = [
  'use-auth-secret',
  'realm=test',
  'fingerprint',
  'allow-loopback-peers',
  'no-cli',
  'no-tls',
  'no-dtls',
  'log-file=stdout',
].join('\n');

/**
 * Starts a real coturn with this configuration, on 127.0.0.1 alone; it ends after the test.
 *
 * @param conf the text of a turnserver.conf; address, port and secret are given on top of it
 */
export async function startCoturn(conf = LOOPBACK): Promise<Coturn> {
  const folder = mkdtempSync(join(tmpdir(), 'record-meet-coturn-'));
  writeFileSync(join(folder, 'turnserver.conf'), conf);
  const port = await freePort();
  const child = spawn('/usr/bin/turnserver', [
    ...['-c', join(folder, 'turnserver.conf')],
    ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
    ...[`--static-auth-secret=${TURN_SECRET}`, '--log-file=stdout'],
    ...[`--userdb=${join(folder, 'db')}`, `--pidfile=${join(folder, 'pid')}`],
  ]);
  const ended = endOf(own(child));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const died = ended.then(() => {
    throw new Error(`coturn did not start: ${output}`);
  });
  await Promise.race([new TurnClient(port).binding(), died]);
  died.catch(() => {});
  return { port, output: () => output };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
}
