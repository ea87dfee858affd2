import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build as bundle } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { launch, servePage } from '../browser/chromium.ts';
import { build, describeWith, until } from '../helper.ts';

const root = join(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs/client.md'), 'utf8');
const source = (file: string) => readFileSync(join(root, 'client/src', file), 'utf8');

/** The names in the first column of the first table with this head, after a heading. */
function table(head: string, heading = ''): string[] {
  const at = guide.indexOf(`\n## ${heading}`);
  const lines = guide.slice(guide.indexOf(`| ${head} |`, at)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines
    .slice(2, end)
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([\w-]+)[^`]*`/g)].map(([, name]) => name!));
}

/** The fields of an interface. */
function fields(file: string, name: string): string[] {
  const [, body] = new RegExp(`export interface ${name}[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(source(file))!;
  return [...body!.matchAll(/^ {2}(?:readonly )?'?([\w-]+)'?\??:/gm)].map(([, field]) => field!);
}

/** The public members of a class, those of its base aside. */
function members(file: string): string[] {
  const text = source(file);
  const start = text.indexOf('export class');
  const body = text.slice(start, text.indexOf('\n}\n', start));
  const found = body.matchAll(/^ {2}(?:readonly |get |async )?([a-z]\w*)(?=[(:])/gm);
  return [...found].map(([, name]) => name!).filter((name) => name !== 'constructor');
}

const sorted = (names: string[]) => [...names].sort();

test('its tables have every option, event, member and error code, and no others', () => {
  const roomOptions = fields('types.ts', 'RoomOptions');
  expect(sorted(table('option', 'joinRoom'))).toEqual(sorted(roomOptions));
  expect(sorted(table('option', 'createCall'))).toEqual(sorted(fields('call.ts', 'CallOptions')));
  expect(sorted(table('room event'))).toEqual(sorted(fields('types.ts', 'RoomEvents')));
  expect(sorted(table('call event'))).toEqual(sorted(fields('types.ts', 'CallEvents')));
  expect(sorted(table('of the room'))).toEqual(sorted([...members('room.ts'), 'on']));
  expect(sorted(table('of the call'))).toEqual(sorted([...members('call.ts'), 'on']));
  const [, omitted] = /Omit<RoomOptions, '(\w+)'>/.exec(source('react.ts'))!;
  const [, picked] = /Pick<CallOptions, ([^>]*)>/.exec(source('react.ts'))!;
  const hook = [
    ...roomOptions.filter((name) => name !== omitted),
    ...picked!.match(/\w+/g)!,
    ...fields('react.ts', 'UseRoomOptions'),
  ];
  expect(sorted(table('hook option'))).toEqual(sorted(hook));
  expect(sorted(table('it returns'))).toEqual(sorted(fields('store.ts', 'RoomView')));
  const [, codes] = /RoomErrorCode =(.*?)\n\n/s.exec(source('errors.ts'))!;
  expect(sorted(table('error code'))).toEqual(
    sorted([...codes!.matchAll(/^ {2}\| '([\w-]+)'/gm)].map(([, code]) => code!)),
  );
});

test('every relative link leads to a file', () => {
  const targets = [...guide.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!);
  for (const target of targets)
    expect(`${target} ${existsSync(join(root, 'docs', target))}`).toBe(`${target} true`);
  expect(targets.length).toBeGreaterThan(0);
});

test('its code has the right types', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'record-meet-guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const given = { room: 'Room', call: 'Call', stream: 'MediaStream' };
  const blocks = [...guide.matchAll(/```(ts|tsx)\n(.*?)```/gs)];
  blocks.forEach(([, kind, code], n) => {
    const missing = Object.entries(given).filter(([name]) => !code!.includes(`const ${name} =`));
    const prelude =
      kind === 'ts'
        ? [
            "import type { Call, Room } from 'record-meet-client';",
            ...(code!.includes('joinRoom(') ? ["import { joinRoom } from 'record-meet-client';"] : []),
            ...missing.map(([name, type]) => `declare const ${name}: ${type};`),
          ].join('\n')
        : '';
    writeFileSync(join(folder, `block-${n}.${kind}`), `${prelude}\n${code}\nexport {};\n`);
  });
  const config = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'es2024',
      lib: ['es2024', 'dom', 'dom.iterable'],
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      types: [],
      paths: {
        'record-meet-client': [join(root, 'client/src/index.ts')],
        'record-meet-client/react': [join(root, 'client/src/react.ts')],
        react: [join(root, 'node_modules/@types/react')],
        'react/*': [join(root, 'node_modules/@types/react/*')],
      },
    },
    include: ['.'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const checked = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
  await checked.catch(({ stdout }) => expect.unreachable(stdout));
  expect(blocks.length).toBeGreaterThan(4);
});

describeWith('chromium', 'the guide to the library', () => {
  test('its first code, of no more than 20 lines, makes a call between two pages', async () => {
    const server = await build({ STUN_SERVERS: 'stun:127.0.0.1:9' });
    const [, code] = /```js\n(.*?)```/s.exec(guide)!;
    expect(code!.trim().split('\n').length).toBeLessThanOrEqual(20);
    const { outputFiles } = await bundle({
      stdin: { contents: code!.replace('localhost:3001', `127.0.0.1:${server.port}`), resolveDir: root },
      alias: { 'record-meet-client': join(root, 'client/src/index.ts') },
      bundle: true,
      write: false,
      format: 'esm',
    });
    const origin = await servePage(
      `<div id="videos"></div><script type="module">${outputFiles[0]!.text}</script>`,
    );
    const browser = await launch('sound');
    const pages = [await browser.newPage(), await browser.newPage()] as const;
    for (const page of pages) await page.goto(origin);
    for (const page of pages)
      await until(() => page.evaluate("(document.querySelector('video')?.currentTime ?? 0) > 0"));
    await pages[1].close();
    await until(() => pages[0].evaluate("document.querySelector('video') === null"));
  });
});
