import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join as joinPath } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import about from '../package.json' with { type: 'json' };
import { CloseCode, closeReason, ErrorCode } from '../src/protocol/codes.ts';
import { plainTypes, v1Types } from '../src/protocol/messages.ts';
import { settings } from '../src/settings.ts';
import { build, socket, type TestSocket } from './helper.ts';

const root = joinPath(import.meta.dirname, '..');
const readme = readFileSync(joinPath(root, 'README.md'), 'utf8');
const protocol = readFileSync(joinPath(root, 'docs/protocol.md'), 'utf8');
const example = readFileSync(joinPath(root, '.env.local.example'), 'utf8');

/** Name, default and description of every setting, in the order of the schema. */
const declared = Object.entries(settings.properties).map(([name, schema]) => [
  name,
  'default' in schema ? String(schema.default) : '',
  'description' in schema ? schema.description : '',
]);

/** The part of the README under this heading. */
function section(heading: string): string {
  const [, text = ''] = readme.split(`\n## ${heading}\n`);
  return text.split('\n## ', 1)[0]!;
}

/** The rows of the first table whose first column has this head, as their cells. */
function table(text: string, head: string): string[][] {
  const lines = text.slice(text.indexOf(`| ${head} |`)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** A cell without its code marks. */
const bare = (cell: string) => cell.replace(/^`(.*)`$/, '$1');

/** What the headings of a page can be linked as. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** What a server makes of these settings, as plain data. */
async function configOf(env: Record<string, string>): Promise<unknown> {
  return JSON.parse(JSON.stringify((await build(env)).app.config));
}

describe('settings', () => {
  test('.env.local.example has every setting of the schema in order, with its default and description', () => {
    const found = [...example.matchAll(/^# (.*)\n(# )?([A-Z_]+)=(.*)$/gm)];
    expect(found.map(([, description, , name, value]) => [name, value, description])).toEqual(declared);
    // What has no default is commented out, so that it stays unset; the rest is not.
    for (const [, , commented, , value] of found) expect(commented !== undefined).toBe(value === '');
  });

  test('.env.local.example starts a server that is the same as one without any settings', async () => {
    const env = Object.fromEntries(
      Object.entries(parseEnv(example)).map(([name, value]) => [name, value ?? '']),
    );
    expect(await configOf({ ...env, ENVIRONMENT: 'test' })).toEqual(await configOf({}));
  });

  test("the README's table has every setting of the schema in order, with its default and description", () => {
    const rows = table(section('Settings'), 'name').map(([name, value, ...rest]) => [
      bare(name!),
      bare(value!),
      ...rest,
    ]);
    expect(rows).toEqual(declared);
  });
});

describe('README', () => {
  test('the walk with wscat goes as printed', async () => {
    const server = await build();
    const terminals = new Map<string, TestSocket>();
    const walk = /```sh\n(# Terminal 1\n.*?)```/s.exec(readme)![1]!;
    const lines = walk.split('\n').filter((line) => line !== '');
    let terminal = '';
    for (const line of lines) {
      const [, path] = /^npx wscat -c ws:\/\/localhost:3001(\/.*)$/.exec(line) ?? [];
      if (line.startsWith('# ')) terminal = line;
      else if (path) terminals.set(terminal, await socket(server, path).opened());
      else if (line.startsWith('> ')) terminals.get(terminal)!.send(line.slice(2));
      else expect(`< ${await terminals.get(terminal)!.nextText()}`).toBe(line);
    }
    expect(terminals.size).toBe(2);
    for (const left of terminals.values()) expect(await left.flush()).toEqual([]);
  });

  test('every endpoint that it lists answers, and every one that the server lists is there', async () => {
    const server = await build();
    const listed = table(section('Endpoints'), 'request').map(([request]) => bare(request!));
    const { endpoints } = (await (await fetch(server.url)).json()) as { endpoints: Record<string, string> };
    expect([...listed].sort()).toEqual(['GET /', ...Object.values(endpoints)].sort());
    for (const request of listed) {
      const status = (await fetch(server.url + request.replace(/^\w+ /, ''))).status;
      expect(`${request}: ${status}`).toBe(`${request}: ${request.startsWith('WS') ? 426 : 200}`);
    }
  });

  test('every npm script that it or CONTRIBUTING names exists', () => {
    const contributing = readFileSync(joinPath(root, 'CONTRIBUTING.md'), 'utf8');
    const named = [
      ...(readme + contributing).matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g),
    ];
    const names = new Set(named.map(([, script, short]) => script ?? short!));
    expect(names.size).toBeGreaterThan(4);
    expect(Object.keys(about.scripts)).toEqual(expect.arrayContaining([...names]));
  });
});

describe.each([
  ['README.md', readme],
  ['docs/protocol.md', protocol],
])('%s', (_file, text) => {
  test('its types are those of the protocol', () => {
    const types = table(text, 'type').flatMap(([cell]) => cell!.match(/(?<=`)[\w-]+(?=`)/g) ?? []);
    expect(types.sort()).toEqual([...plainTypes, ...v1Types].sort());
  });

  test('every example in JSON is JSON', () => {
    const examples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => json!);
    for (const json of examples) expect(JSON.parse(json)).toBeTypeOf('object');
    expect(examples.length).toBeGreaterThan(0);
  });
});

test('docs/protocol.md: its error codes and close codes are those of the protocol', () => {
  const [errors, closes] = [...protocol.matchAll(/^\| code \|/gm)].map(({ index }) =>
    table(protocol.slice(index), 'code'),
  );
  expect(errors!.map(([code]) => bare(code!)).sort()).toEqual(Object.values(ErrorCode).sort());
  for (const [code, reason] of closes!) {
    expect(closeReason[Number(code) as CloseCode] ?? '').toBe(bare(reason!));
  }
  // These the library under the socket sends.
  const codes = [...Object.values(CloseCode), 1002, 1007, 1008, 1009];
  expect(closes!.map(([code]) => Number(code))).toEqual(codes.sort((a, b) => a - b));
});

/** The pages of the project's folder and of docs/. */
const pages = ['.', 'docs'].flatMap((folder) =>
  readdirSync(joinPath(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => joinPath(folder, name)),
);

test.each(pages)('%s: every relative link leads to a file, every anchor to a heading', (file) => {
  const text = readFileSync(joinPath(root, file), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  for (const target of targets.filter((link) => !/^https?:/.test(link))) {
    const [path, anchor] = target.split('#') as [string, string?];
    const to = path === '' ? joinPath(root, file) : joinPath(root, dirname(file), path);
    expect(`${target} ${existsSync(to)}`).toBe(`${target} true`);
    if (anchor !== undefined) expect(anchors(readFileSync(to, 'utf8'))).toContain(anchor);
  }
});
