import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { until } from './helper.ts';
import { own } from './own.ts';
import { freePort } from './ports.ts';
import { tempFolder } from './process-helper.ts';

const NGINX = '/usr/sbin/nginx';
const CONF = join(import.meta.dirname, '..', 'deploy', 'nginx', 'nginx.conf');
/** Where nginx keeps bodies for a while: not where only root may write. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** deploy/nginx/nginx.conf with other addresses, in a folder of its own. */
function configure(port: number, instances: number[]): string[] {
  const folder = tempFolder();
  const paths = TEMPORARY.map((name) => `  ${name}_temp_path ${folder}/${name};\n`).join('');
  const conf = readFileSync(CONF, 'utf8')
    .replace(/^ {4}listen 80 /m, `    listen 127.0.0.1:${port} `)
    .replace(/(?:^ {4}server 10\..*\n)+/m, (lines) => {
      const rest = /(?<=:3001).*$/m.exec(lines)![0];
      return instances.map((at) => `    server 127.0.0.1:${at}${rest}\n`).join('');
    })
    .replace(/^http \{\n/m, `http {\n${paths}`);
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, conf);
  return ['-p', folder, '-c', path, '-e', 'stderr', '-g', `daemon off; pid ${folder}/pid;`];
}

/** What nginx itself says to the configuration. */
export async function checkConf(): Promise<string> {
  const args = configure(await freePort(), [3001, 3002]);
  const { stdout, stderr } = await promisify(execFile)(NGINX, ['-t', ...args]);
  return stdout + stderr;
}

/** Starts a real nginx with deploy/nginx/nginx.conf in front of these instances; it ends after the test. */
export async function startNginx(...instances: number[]): Promise<{ port: number; url: string }> {
  const port = await freePort();
  const child = own(spawn(NGINX, configure(port, instances), { stdio: ['ignore', 'ignore', 'pipe'] }));
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  onTestFinished(async () => {
    child.kill('SIGTERM'); // its workers end with it
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(async () => child.exitCode !== null || (await answers()));
  if (child.exitCode !== null) throw new Error(`nginx did not start: ${output}`);
  return { port, url };
}
