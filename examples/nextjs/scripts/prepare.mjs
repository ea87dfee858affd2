import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Runs after `npm install`: the signaling server and the library are part of this repository, and need their
// own packages and their build. An app of yours takes the library from where you publish it. It is JavaScript,
// as any Node must run it: the one that runs the rest comes with the repository's packages, and npm finds it.

const root = fileURLToPath(new URL('../../..', import.meta.url));

if (!existsSync(join(root, 'node_modules'))) run('npm', 'ci', '--no-audit', '--no-fund');
run('node_modules/.bin/tsc', '-p', 'client/tsconfig.build.json');

/** @type {(file: string, ...args: string[]) => void} */
function run(file, ...args) {
  // On Windows, npm and tsc are scripts that only a shell starts.
  execFileSync(file, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
}
