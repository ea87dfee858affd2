import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

// Puts the dashboard's files into dist/, for where that stands alone: without types, for a Node that can't take them out.

const from = join(import.meta.dirname, '../dashboard');
const to = join(import.meta.dirname, '../dist/dashboard');
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from)) {
  if (name === 'tsconfig.json') continue;
  if (!name.endsWith('.ts')) cpSync(join(from, name), join(to, name));
  else writeFileSync(join(to, name), module.stripTypeScriptTypes(readFileSync(join(from, name), 'utf8')));
}
