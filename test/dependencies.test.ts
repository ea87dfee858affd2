import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}
interface Lock {
  packages: Record<string, { license?: string; dev?: true; resolved?: string; integrity?: string }>;
}

const read = (path: string) => readFileSync(joinPath(import.meta.dirname, '..', path), 'utf8');
const manifest = (folder: string): Manifest => JSON.parse(read(joinPath(folder, 'package.json')));
const lockOf = (folder: string) =>
  Object.entries((JSON.parse(read(joinPath(folder, 'package-lock.json'))) as Lock).packages).filter(
    ([path]) => path !== '',
  );

const FOLDERS = ['.', 'bench', 'test/asyncapi'];
const SHIPPED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Apache-2.0'];
const NOT_SHIPPED = [...SHIPPED, 'MIT OR Apache-2.0', 'MPL-2.0', '0BSD', 'Python-2.0'];

/** Name and licence of each line of the table of docs/dependencies.md with this head, by name. */
function table(head: string): [name: string, licence: string][] {
  const [, after] = read('docs/dependencies.md').split(`\n| ${head} | licence | what it is for |\n| --- `);
  const rows = after!.split('\n\n', 1)[0]!.split('\n').slice(1);
  return rows
    .flatMap((row) => {
      const [, names, licence] = row.split('|').map((cell) => cell.trim());
      return names!.split(', ').map((name): [string, string] => [name.replaceAll('`', ''), licence!]);
    })
    .sort();
}

/** The same, as the lockfiles have them. */
function locked(folder: string, names: Record<string, string> | undefined): [string, string | undefined][] {
  const lock = new Map(lockOf(folder));
  return Object.keys(names ?? {})
    .map((name): [string, string | undefined] => [name, lock.get(`node_modules/${name}`)?.license])
    .sort();
}

test('docs/dependencies.md has every package that is depended on, with its licence, and no other', () => {
  expect(table('package')).toEqual(locked('.', manifest('.').dependencies));
  expect(table('development package')).toEqual(locked('.', manifest('.').devDependencies));
  expect(table('peer package')).toEqual(locked('.', manifest('client').peerDependencies));
  expect(manifest('client').dependencies).toBeUndefined();
  const { 'record-meet-client': ours, ...example } = manifest('examples/nextjs').dependencies!;
  expect(ours).toBe('file:../../client');
  expect(table('example package')).toEqual(locked('examples/nextjs', example));
  const apart = ['bench', 'test/asyncapi'].flatMap((one) => locked(one, manifest(one).devDependencies));
  expect(table('package apart')).toEqual(apart.sort());
});

test('docs/dependencies.md has every program that the setup installs, and no other', () => {
  const [, programs] = /^packages=\((.*)\)$/m.exec(read('scripts/setup.sh'))!;
  expect(table('program').map(([name]) => name)).toEqual(programs!.split(' ').sort());
});

test('the licence of everything that comes along lets it stand beside MIT', () => {
  for (const folder of FOLDERS)
    for (const [path, { license, dev }] of lockOf(folder))
      expect(dev ? NOT_SHIPPED : SHIPPED, `${folder}: ${path} is ${license}`).toContain(license);
});

test('versions are exact, and the lockfiles have a hash of each package and name no host', () => {
  for (const folder of FOLDERS) {
    const { dependencies, devDependencies } = manifest(folder);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [path, { resolved, integrity }] of lockOf(folder)) {
      expect(resolved, path).toBeUndefined();
      expect(integrity, path).toMatch(/^sha512-/);
    }
  }
});
