import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import about from '../../package.json' with { type: 'json' };
import { settings } from '../../src/settings.ts';
import { build, describeWith } from '../helper.ts';
import { tempFolder } from '../process-helper.ts';

const ROOT = joinPath(import.meta.dirname, '..', '..');
const FOLDER = joinPath(ROOT, 'deploy', 'kubernetes');

/** Where the types of each kind stand in the package kubernetes-types. */
const TYPES: Record<string, string> = {
  'apps/v1 Deployment': 'apps/v1',
  'v1 Service': 'core/v1',
  'v1 Secret': 'core/v1',
  'networking.k8s.io/v1 Ingress': 'networking/v1',
  'policy/v1 PodDisruptionBudget': 'policy/v1',
  'autoscaling/v2 HorizontalPodAutoscaler': 'autoscaling/v2',
};

// biome-ignore lint/suspicious/noExplicitAny: the compiler holds each manifest against its type below
type Manifest = any;
const read = (file: string): Manifest => parse(readFileSync(joinPath(FOLDER, file), 'utf8'));
const files = readdirSync(FOLDER).sort();
const [autoscaler, deployment, budget, ingress, secret, service] = files.map(read);
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

/** What the compiler says to manifests, as literals of their kinds: a field that a kind does not have is an error. */
async function complaints(manifests: Manifest[]): Promise<string> {
  const folder = tempFolder();
  symlinkSync(joinPath(ROOT, 'node_modules'), joinPath(folder, 'node_modules'));
  const lines = manifests.map((manifest, n) => {
    const { apiVersion, kind } = manifest;
    const from = TYPES[`${apiVersion} ${kind}`];
    if (!from) throw new Error(`no type for ${apiVersion} ${kind}`);
    const type = `import('kubernetes-types/${from}').${kind}`;
    return `export const manifest${n}: ${type} = ${JSON.stringify(manifest)};`;
  });
  writeFileSync(joinPath(folder, 'manifests.ts'), lines.join('\n'));
  const args = ['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
  const tsc = joinPath(ROOT, 'node_modules/.bin/tsc');
  const run = promisify(execFile)(tsc, [...args, 'manifests.ts'], { cwd: folder });
  return run.then(
    () => '',
    ({ stdout, stderr }) => stdout + stderr,
  );
}

test('every manifest has the fields of its kind and no others', async () => {
  expect(await complaints(files.map(read))).toBe('');
  const misspelt = structuredClone(deployment);
  misspelt.spec.template.spec.containers[0].readinessProb = {};
  const mistyped = structuredClone(service);
  mistyped.spec.ports[0].port = '80';
  const said = await complaints([misspelt, mistyped]);
  expect(said).toContain('readinessProb');
  expect(said).toContain("Type 'string' is not assignable to type 'number'");
});

test('kubectl applies all of them but the secret without values', () => {
  expect(files.filter((file) => !file.endsWith('.yaml'))).toEqual(['secret.yaml.example']);
  expect(Object.values(secret.stringData).join('')).toBe('');
});

test('they belong together: names, labels, ports', () => {
  const { name } = deployment.metadata;
  const labels = deployment.spec.template.metadata.labels;
  const selectors = [
    deployment.spec.selector.matchLabels,
    budget.spec.selector.matchLabels,
    service.spec.selector,
    pod.topologySpreadConstraints[0].labelSelector.matchLabels,
  ];
  for (const selector of selectors) expect(selector).toEqual(labels);
  expect(autoscaler.spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name });
  expect(ingress.spec.rules[0].http.paths[0].backend.service).toEqual({
    name: service.metadata.name,
    port: { name: service.spec.ports[0].name },
  });
  expect(container.ports).toEqual([{ name: service.spec.ports[0].targetPort, containerPort: 3001 }]);
  expect(container.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }]);
  expect(container.image).toMatch(new RegExp(`:${about.version.replaceAll('.', '\\.')}$`));
  // The autoscaler says how many there are; another word here would undo that with each apply.
  expect(deployment.spec).not.toHaveProperty('replicas');
});

test('its settings are settings of the server, which starts with them', async () => {
  const env: Record<string, string> = {};
  for (const { name, value } of container.env) env[name] = value;
  const names = [...Object.keys(env), ...Object.keys(secret.stringData)];
  expect(names.filter((name) => !(name in settings.properties))).toEqual([]);
  expect(Object.values(env).every((value) => typeof value === 'string')).toBe(true);
  const { app } = await build({ ...env, JWT_SECRET: 'k'.repeat(32), CANARY_SECONDS: '0' });
  expect(app.config.production).toBe(true);

  const seconds = Number(container.lifecycle.preStop.exec.command[1]);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(seconds + app.config.DRAIN_SECONDS + 2);
  const [{ pods }] = autoscaler.spec.metrics;
  const text = await app.metrics.metrics();
  expect(text).toContain(`\n${pods.metric.name} `);
  expect(Number(pods.target.averageValue)).toBeLessThanOrEqual(app.config.MAX_PEERS / 2);
});

test('a pod that drains takes nobody new and is not restarted; one without Redis stays', async () => {
  const server = await build({ REDIS_URL: 'redis://127.0.0.1:1' });
  const statusOf = async (probe: 'startupProbe' | 'readinessProbe' | 'livenessProbe') =>
    (await fetch(server.url + container[probe].httpGet.path)).status;
  expect((await fetch(`${server.url}/ready`)).status).toBe(503);
  expect([await statusOf('startupProbe'), await statusOf('readinessProbe')]).toEqual([200, 200]);
  server.app.rooms.draining = true;
  expect([await statusOf('readinessProbe'), await statusOf('livenessProbe')]).toEqual([503, 200]);
});

test('the pod has no rights that it does not need', () => {
  expect(pod.automountServiceAccountToken).toBe(false);
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: expect.any(Number) });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

describeWith('haproxy', "the ingress' snippet, in a real HAProxy", () => {
  test('it is good where the controller puts it, and says what haproxy.cfg says', async () => {
    const conf = readFileSync(joinPath(ROOT, 'deploy/haproxy/haproxy.cfg'), 'utf8');
    const lines: string[] = ingress.metadata.annotations['haproxy.org/backend-config-snippet']
      .trim()
      .split('\n');
    for (const line of lines) expect(conf).toContain(`  ${line}\n`);
    const path = joinPath(tempFolder(), 'haproxy.cfg');
    const backend = ['backend instances', 'balance roundrobin', ...lines, 'server one 127.0.0.1:3001', ''];
    writeFileSync(path, conf.slice(0, conf.indexOf('\nbackend instances') + 1) + backend.join('\n'));
    const { stdout, stderr } = await promisify(execFile)('/usr/sbin/haproxy', ['-c', '-q', '-f', path]);
    expect(stdout + stderr).toBe('');
  });
});
