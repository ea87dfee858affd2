import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');

/** One instruction of a Dockerfile: `RUN`, and what stands behind it. */
export interface Instruction {
  name: string;
  value: string;
}

/** A stage: its base, its name if it has one, and what it does. */
export interface Stage {
  base: string;
  name: string | undefined;
  instructions: Instruction[];
}

/** What the build leaves behind: the image as a folder, and how it is run. */
export interface Image {
  folder: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  command: string[];
  health: string[];
}

/** Reads the Dockerfile. It knows what ours uses, and throws at anything else. */
export function readDockerfile(): Stage[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '');
  const stages: Stage[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, name, value] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (!name || !value) throw new Error(`can not read: ${line}`);
    if (name === 'FROM') {
      const [base, , as] = value.split(/ +/);
      stages.push({ base: base!, name: as, instructions: [] });
    } else stages.at(-1)!.instructions.push({ name, value });
  }
  return stages;
}

/** The value of a CMD in its exec form. */
export function execForm(value: string): string[] {
  return JSON.parse(value.slice(value.indexOf('['))) as string[];
}

/**
 * Goes through the steps of the Dockerfile as a builder would, each stage in a folder of its own, with the
 * shell, the Node.js and the npm of this machine.
 */
export async function buildImage(folder: string): Promise<Image> {
  const context = join(folder, 'context');
  copyContext(context);
  const images = new Map<string, Image>();
  let last: Image | undefined;
  for (const [n, { name = String(n), instructions }] of readDockerfile().entries()) {
    const image: Image = {
      folder: join(folder, `stage-${name}`),
      workdir: '/',
      env: {},
      user: 'root',
      command: [],
      health: [],
    };
    mkdirSync(image.folder);
    for (const { name: what, value } of instructions) {
      if (what === 'WORKDIR') mkdirSync(join(image.folder, (image.workdir = value)), { recursive: true });
      else if (what === 'ENV') Object.assign(image.env, Object.fromEntries(pairs(value)));
      else if (what === 'USER') image.user = value;
      else if (what === 'CMD') image.command = execForm(value);
      else if (what === 'HEALTHCHECK') image.health = execForm(value);
      else if (what === 'RUN') await run(value, image);
      else if (what === 'COPY') copy(value, image, (from) => (from ? images.get(from)!.folder : context));
      else if (what !== 'EXPOSE') throw new Error(`can not do: ${what}`);
    }
    images.set(name, image);
    last = image;
  }
  return last!;
}

function pairs(value: string): [string, string][] {
  return value.split(/ +/).map((pair) => pair.split('=', 2) as [string, string]);
}

async function run(command: string, image: Image): Promise<void> {
  const cwd = join(image.folder, image.workdir);
  // What npm has in its cache already it need not ask for; and nobody reads its advice.
  const npm = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
  const { NODE_ENV: _, ...env }: NodeJS.ProcessEnv = { ...process.env, ...npm };
  await promisify(execFile)('/bin/sh', ['-c', command], { cwd, env: { ...env, ...image.env } });
}

function copy(value: string, image: Image, sourceOf: (from: string | undefined) => string): void {
  const words = value.split(/ +/);
  const from = words[0]!.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined;
  const target = words.pop()!;
  const to = join(image.folder, target.startsWith('/') ? '' : image.workdir, target);
  for (const source of words) {
    const path = join(sourceOf(from), source);
    // Of a folder what is in it is copied; a file goes into the folder that the target is.
    const into = words.length > 1 || target.endsWith('/') ? join(to, source) : to;
    cpSync(path, into, { recursive: true, verbatimSymlinks: true });
  }
}

/** What `.dockerignore` lets through: the last line that fits decides. */
export function isSent(path: string): boolean {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  let sent = true;
  for (const line of lines.filter((one) => one !== '' && !one.startsWith('#'))) {
    const pattern = line.replace(/^!/, '');
    if (pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)) sent = line.startsWith('!');
  }
  return sent;
}

function copyContext(folder: string): void {
  for (const name of readdirSync(ROOT).filter(isSent))
    cpSync(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => isSent(path.slice(ROOT.length + 1)),
    });
}
