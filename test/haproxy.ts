import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { until } from './helper.ts';
import { own } from './own.ts';
import { freePort } from './ports.ts';
import { tempFolder } from './process-helper.ts';

const HAPROXY = '/usr/sbin/haproxy';
const CONF = join(import.meta.dirname, '..', 'deploy', 'haproxy', 'haproxy.cfg');

/** A HAProxy on a free port of 127.0.0.1; fits `join` and `socket` of the other helper. */
export interface Haproxy {
  port: number;
  url: string;
  /** Everything it printed so far. */
  output(): string;
}

/** What HAProxy itself says to the configuration as it stands; empty if nothing. */
export async function checkConf(): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(HAPROXY, ['-c', '-q', '-f', CONF]);
  return stdout + stderr;
}

/**
 * Starts a real HAProxy with deploy/haproxy/haproxy.cfg in front of these instances; only the addresses in it
 * are others. It ends after the test. The first of them has to be there already.
 */
export async function startHaproxy(...instances: number[]): Promise<Haproxy> {
  const port = await freePort();
  const conf = readFileSync(CONF, 'utf8')
    .replace(/^ {2}bind .*$/m, `  bind 127.0.0.1:${port}`)
    .replace(/(^ {2}server .*\n)+/m, instances.map((at, n) => `  server s${n} 127.0.0.1:${at}\n`).join(''));
  const path = join(tempFolder(), 'haproxy.cfg');
  writeFileSync(path, conf);
  const child = own(spawn(HAPROXY, ['-db', '-f', path]));
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok || child.exitCode !== null,
      () => child.exitCode !== null,
    );
  await until(answers);
  if (child.exitCode !== null) throw new Error(`HAProxy did not start: ${output}`);
  return { port, url, output: () => output };
}
