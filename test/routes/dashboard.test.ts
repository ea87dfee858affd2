import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { build } from '../helper.ts';

const PRODUCTION = { ENVIRONMENT: 'production', JWT_SECRET: 'x'.repeat(32) };

test('production has it with a STATS_TOKEN alone, and only then lists it', async () => {
  for (const [env, status] of [
    [{}, 404],
    [{ STATS_TOKEN: 'token' }, 200],
  ] as const) {
    const { url } = await build({ ...PRODUCTION, ...env });
    for (const path of ['/dashboard', '/dashboard/main.ts', '/dashboard/uplot.js'])
      expect([path, (await fetch(url + path)).status]).toEqual([path, status]);
    const { endpoints } = (await (await fetch(url)).json()) as { endpoints: object };
    expect('dashboard' in endpoints).toBe(status === 200);
  }
});

test('it says whether a token is wanted, and never which', async () => {
  const page = async (env: Record<string, string>) =>
    (await fetch(`${(await build(env)).url}/dashboard`)).text();
  expect(await page({})).toContain('data-guarded="no" data-calls="on"');
  const guarded = await page({ STATS_TOKEN: 'the-token', CALL_LOG: 'off' });
  expect(guarded).toContain('data-guarded="yes" data-calls="off"');
  expect(guarded).not.toContain('the-token');
});

test('everything that it needs is served from here, under a policy that lets nothing else in', async () => {
  const { url } = await build();
  const response = await fetch(`${url}/dashboard`);
  const policy = response.headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const page = await response.text();
  expect(page).not.toMatch(/https?:/);
  const map = JSON.parse(/<script type="importmap">(.*?)<\/script>/s.exec(page)![1]!).imports;
  const waiting = [...page.matchAll(/ (?:href|src)="(.*?)"/g)].map(([, path]) => path!);
  const seen = new Set(waiting);
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const file = await fetch(url + path);
    expect(`${path} ${file.status}`).toBe(`${path} 200`);
    const text = await file.text();
    if (!/\.(ts|js)$/.test(path)) continue;
    expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    for (const [, name] of text.matchAll(/^(?:import|export) [^;]*? from '(.*?)'/gm)) {
      const target = map[name!] ?? posix.join(posix.dirname(path), name!);
      if (!seen.has(target)) waiting.push(target);
      seen.add(target);
    }
  }
  expect([...seen]).toEqual(
    expect.arrayContaining(['/dashboard/uplot.css', '/dashboard/uplot.js', '/dashboard/prometheus.ts']),
  );
});

test('no path leads out of it', async () => {
  const { url } = await build();
  for (const path of [
    '/dashboard/',
    '/dashboard/tsconfig.json',
    '/dashboard/..%2fpackage.json',
    '/dashboard/__proto__',
  ])
    expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
});
