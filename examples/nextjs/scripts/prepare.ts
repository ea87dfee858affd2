import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// Runs after `npm install`: the signaling server and the library are part of this repository, and need their
// own packages and their build. An app of yours takes the library from where you publish it.

const root = join(import.meta.dirname, '../../..');

if (!existsSync(join(root, 'node_modules'))) run('npm', 'ci', '--no-audit', '--no-fund');
run('node_modules/.bin/tsc', '-p', 'client/tsconfig.build.json');

function run(file: string, ...args: string[]): void {
  // On Windows, npm and tsc are scripts that only a shell starts.
  execFileSync(file, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
}
