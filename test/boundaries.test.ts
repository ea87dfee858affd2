import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One import line: who imports what, both as paths from the project's root where they are files of ours. */
interface Import {
  file: string;
  target: string;
  /** Only types come over: nothing of it is left when the program runs. */
  typeOnly: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** The imports that stand in a source text. */
function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map(([line, from, dynamic]) => {
    const name = from ?? dynamic!;
    const target = name.startsWith('.') ? posix.join(posix.dirname(file), name) : name;
    return { file, target, typeOnly: from !== undefined && isTypeOnly(line) };
  });
}

function isTypeOnly(line: string): boolean {
  if (/^\s*(import|export)\s+type\s/.test(line)) return true;
  const names = /^\s*(?:import|export)\s*\{([^}]*)\}\s*from/.exec(line)?.[1];
  const each = names?.split(',').filter((name) => name.trim() !== '');
  return each !== undefined && each.length > 0 && each.every((name) => /^\s*type\s/.test(name));
}

const within = (path: string, ...folders: string[]) =>
  folders.some((folder) => path.startsWith(`${folder}/`));
const isOurs = (target: string) =>
  within(target, 'src', 'plugins', 'routes', 'client', 'demo', 'dashboard', 'test', 'bench');
const isBuiltin = (target: string) => target.startsWith('node:') || builtinModules.includes(target);
const isWeb = (target: string) => /^(fastify|ws|@fastify\/.*|fastify-.*)$/.test(target);
const isRedis = (target: string) => /^(redis|ioredis|@redis\/.*)$/.test(target);
const CLUSTER_PORT = 'src/cluster/cluster.ts';

/** The arrows of the house. Each rule says what is wrong with an import, or nothing. */
const rules: ((line: Import) => string | false)[] = [
  ({ file, target }) =>
    within(file, 'src/protocol') &&
    !within(target, 'src/protocol') &&
    'protocol imports nothing outside itself',
  ({ file, target, typeOnly }) =>
    within(file, 'src/rooms') &&
    !within(target, 'src/rooms', 'src/protocol') &&
    !isBuiltin(target) &&
    !(typeOnly && target === CLUSTER_PORT) &&
    'rooms imports only protocol and rooms',
  ({ file, target }) =>
    isWeb(target) &&
    !within(file, 'plugins', 'routes') &&
    file !== 'src/app.ts' &&
    'Fastify and ws appear in plugins/, routes/ and src/app.ts alone',
  ({ file, target }) =>
    within(file, 'src') &&
    file !== 'src/app.ts' &&
    within(target, 'plugins', 'routes') &&
    'of src/ only app.ts knows plugins and routes',
  ({ file, target }) =>
    target === 'src/app.ts' && file !== 'src/server.ts' && 'app.ts is imported by server.ts alone',
  ({ target }) => target === 'src/server.ts' && 'server.ts is imported by nobody',
  ({ file, target }) => within(file, 'plugins') && within(target, 'routes') && 'plugins do not know routes',
  ({ file, target, typeOnly }) =>
    within(file, 'routes') &&
    within(target, 'plugins') &&
    !typeOnly &&
    "routes take only types from plugins' files",
  ({ file, target }) =>
    within(target, 'src/cluster') &&
    target !== CLUSTER_PORT &&
    file !== 'plugins/cluster.ts' &&
    !within(file, 'src/cluster') &&
    "the cluster's implementations are imported by plugins/cluster.ts alone",
  ({ file, target }) =>
    isRedis(target) && !within(file, 'src/cluster') && 'Redis is known to src/cluster alone',
  ({ file, target }) =>
    within(file, 'client') &&
    isOurs(target) &&
    !within(target, 'client', 'src/protocol') &&
    'the client imports only protocol and itself',
  ({ file, target }) =>
    !within(file, 'client') && within(target, 'client') && 'the server does not know its client',
  ({ file, target }) =>
    within(file, 'demo') &&
    !within(target, 'demo') &&
    target !== 'record-meet-client' &&
    "the demo page knows the library's public entry alone",
  ({ file, target }) => !within(file, 'demo') && within(target, 'demo') && 'nobody knows the demo page',
  ({ file, target }) =>
    within(file, 'dashboard') &&
    !within(target, 'dashboard') &&
    target !== 'uplot' &&
    'the dashboard knows the server by its HTTP answers alone',
  ({ file, target }) =>
    !within(file, 'dashboard') && within(target, 'dashboard') && 'nobody knows the dashboard',
  ({ target }) =>
    within(target, 'test', 'bench', 'dist') && 'nothing that is shipped leans on tests or builds',
];

function violations(lines: Import[]): string[] {
  return lines.flatMap((line) => {
    const broken = rules.map((rule) => rule(line)).filter((text) => text !== false);
    return broken.map((text) => `${line.file} imports ${line.target}: ${text}`);
  });
}

function sources(folder: string): string[] {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(m?tsx?|m?jsx?)$/.test(entry.name))
    .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`).split(sep).join('/'))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path) && !path.endsWith('.d.ts'));
}

const files = ['src', 'plugins', 'routes', 'client', 'demo', 'dashboard'].flatMap(sources);
const lines = files.flatMap((file) => importsOf(file, readFileSync(root + file, 'utf8')));

test('no arrow runs back up: protocol, rooms, plugins, routes, app, server', () => {
  expect(violations(lines)).toEqual([]);
});

test('every import of a file of ours names one that exists, so that no arrow is overlooked', () => {
  const missing = lines.filter(({ target }) => isOurs(target) && !existsSync(root + target));
  expect(missing).toEqual([]);
  expect(lines.length).toBeGreaterThan(40);
  expect(lines.filter(({ file }) => file === 'src/app.ts').length).toBeGreaterThan(8);
});

test('the rules see a violation of each kind', () => {
  const planted: [file: string, source: string][] = [
    ['src/protocol/x.ts', "import { Rate } from '../rooms/rate.ts';"],
    ['src/protocol/x.ts', "import { Buffer } from 'node:buffer';"],
    ['src/protocol/x.ts', "import type { Static } from 'typebox';"],
    ['src/rooms/x.ts', "import { hasBearer } from '../auth/bearer.ts';"],
    ['src/rooms/x.ts', "import type { Config } from '../config.ts';"],
    ['src/rooms/x.ts', "import { Memory } from '../cluster/cluster.ts';"],
    ['src/rooms/x.ts', "import {\n  type A,\n  b,\n} from '../cluster/cluster.ts';"],
    ['src/auth/x.ts', "import type { FastifyInstance } from 'fastify';"],
    ['src/auth/x.ts', "import fp from 'fastify-plugin'"],
    ['src/config.ts', "export * from '@fastify/env';"],
    ['src/cluster/x.ts', "const { WebSocket } = await import('ws');"],
    ['src/config.ts', "import rooms from '../plugins/rooms.ts';"],
    ['src/auth/x.ts', "export { default } from '../../routes/health.ts';"],
    ['plugins/x.ts', "import { buildApp } from '../src/app.ts';"],
    ['plugins/x.ts', "import '../src/server.ts';"],
    ['plugins/x.ts', "import { codeOf } from '../routes/ws-connection.ts';"],
    ['routes/x.ts', "import rooms from '../plugins/rooms.ts';"],
    ['plugins/rooms.ts', "import { Redis } from '../src/cluster/redis.ts';"],
    ['src/rooms/x.ts', "import { createClient } from 'redis';"],
    ['client/x.ts', "import { Rate } from '../src/rooms/rate.ts';"],
    ['routes/x.ts', "import { connect } from '../client/index.ts';"],
    ['demo/x.ts', "import { joinRoom } from '../client/src/index.ts';"],
    ['demo/x.ts', "import type { Envelope } from '../src/protocol/messages.ts';"],
    ['demo/x.ts', "import { createRoomToken } from 'record-meet-client/server';"],
    ['dashboard/x.ts', "import { CloseCode } from '../src/protocol/codes.ts';"],
    ['demo/x.ts', "import { Chart } from '../dashboard/chart.ts';"],
    ['routes/x.ts', "import { claimsOf } from '../demo/token.ts';"],
    ['src/auth/x.ts', "import { build } from '../../test/helper.ts';"],
  ];
  for (const [file, source] of planted) {
    expect(violations(importsOf(file, `// a comment\n${source}\nlet x;`)), source).not.toEqual([]);
  }
});

test('the rules let pass what may be', () => {
  const fine: [file: string, source: string][] = [
    ['src/protocol/x.ts', "import { ErrorCode } from './codes.ts';"],
    ['src/rooms/x.ts', "import { isIP } from 'node:net';\nimport { decode } from '../protocol/decode.ts';"],
    ['src/rooms/x.ts', "import type { Cluster } from '../cluster/cluster.ts';"],
    ['src/rooms/x.ts', "import { type Cluster, type Note } from '../cluster/cluster.ts';"],
    ['src/rooms/x.ts', "/* import x from 'fastify'; */\n// import y from 'ws';\nconst from = 'fastify';"],
    ['src/app.ts', "import Fastify from 'fastify';\nimport rooms from '../plugins/rooms.ts';"],
    ['src/server.ts', "import { buildApp } from './app.ts';"],
    ['plugins/cluster.ts', "import { Redis } from '../src/cluster/redis.ts';"],
    [
      'routes/x.ts',
      "import type { Metrics } from '../plugins/metrics.ts';\nimport about from '../package.json';",
    ],
    ['demo/x.ts', "import { joinRoom } from 'record-meet-client';\nimport { byId } from './page.ts';"],
    ['dashboard/x.ts', "import uPlot from 'uplot';\nimport { byId } from './page.ts';"],
    ['client/x.ts', "import { CloseCode } from '../src/protocol/codes.ts';"],
  ];
  for (const [file, source] of fine) expect(violations(importsOf(file, source)), source).toEqual([]);
});
