import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { build } from '../helper.ts';
import { start } from '../process-helper.ts';

const PRODUCTION = { ENVIRONMENT: 'production', JWT_SECRET: 'x'.repeat(32) };

test('production has no demo page, and does not list it', async () => {
  const { url } = await build(PRODUCTION);
  for (const path of ['/demo', '/demo/', '/demo/main.ts', '/demo/client/index.ts']) {
    const response = await fetch(url + path);
    expect([response.status, await response.json()]).toEqual([404, { error: 'Not Found', path }]);
  }
  const { endpoints } = (await (await fetch(url)).json()) as { endpoints: object };
  expect(Object.values(endpoints).join()).not.toContain('demo');
});

test('the start-up log says where it is, but not in production', async () => {
  const server = await start();
  await server.logged({ msg: `open http://localhost:${server.port}/demo in two tabs` });
  const production = await start(PRODUCTION);
  production.kill('SIGINT');
  await production.exited;
  expect(production.output).not.toContain('demo');
});

test('to serve it costs the log no line', async () => {
  const server = await start({ ENVIRONMENT: 'development' });
  expect((await fetch(`${server.url}/demo/main.ts`)).status).toBe(200);
  server.kill('SIGINT');
  await server.exited;
  expect(server.stderr).toBe('');
  expect(server.output).not.toContain('Experimental');
});

test('every module that the page imports is served, as JavaScript', async () => {
  const { url } = await build();
  const page = await (await fetch(`${url}/demo`)).text();
  const map = JSON.parse(/<script type="importmap">(.*?)<\/script>/s.exec(page)![1]!).imports;
  const waiting = [/<script type="module" src="(.*?)">/.exec(page)![1]!];
  const seen = new Set(waiting);
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const response = await fetch(url + path);
    expect(`${path} ${response.status}`).toBe(`${path} 200`);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const code = await response.text();
    expect(code).not.toMatch(/^(import|export) type|^interface/m);
    for (const [, name] of code.matchAll(/^(?:import|export) [^;]*? from '(.*?)'/gm)) {
      const target = map[name!] ?? posix.join(posix.dirname(path), name!);
      if (!seen.has(target)) waiting.push(target);
      seen.add(target);
    }
  }
  expect([...seen]).toEqual(
    expect.arrayContaining(['/demo/main.ts', '/demo/client/index.ts', '/demo/client/room.ts']),
  );
});

test('every other file of the page is served with its type, and nothing from elsewhere is named', async () => {
  const { url } = await build();
  const response = await fetch(`${url}/demo?room=r&token=t`);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  const policy = response.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const page = await response.text();
  expect(page).not.toMatch(/https?:/);
  const types = [];
  for (const [, path] of page.matchAll(/ href="(.*?)"/g))
    types.push((await fetch(url + path)).headers.get('content-type'));
  expect(types).toEqual(['image/svg+xml', 'text/css; charset=utf-8']);
});

test('no path leads out of it', async () => {
  const { url } = await build();
  for (const path of [
    '/demo/',
    '/demo/tsconfig.json',
    '/demo/client/',
    '/demo/client/../../package.json',
    '/demo/%2e%2e/package.json',
    '/demo/..%2fpackage.json',
    '/demo/..%5cpackage.json',
    '/demo//etc/passwd',
    '/demo/__proto__',
    '/demo/main.ts%00',
  ]) {
    const response = await fetch(url + path);
    expect(`${path} ${response.status}`).toBe(`${path} 404`);
  }
  expect((await fetch(`${url}/demo/main.ts`, { method: 'POST' })).status).toBe(404);
});
