import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startRedis } from '../cluster/redis-server.ts';
import { build, describeWith, until } from '../helper.ts';
import { tempFolder } from '../process-helper.ts';
import { joinV1 } from '../v1/v1.ts';

const ROOT = joinPath(import.meta.dirname, '..', '..');
const PROMETHEUS = joinPath(ROOT, 'deploy', 'prometheus');
const ALERTS = joinPath(PROMETHEUS, 'alerts.yml');
const TESTS = joinPath(PROMETHEUS, 'alerts.test.yml');
const read = (...path: string[]) => readFileSync(joinPath(ROOT, ...path), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}
interface UnitTest {
  alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[];
}
interface Panel {
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

const rules: Rule[] = parse(readFileSync(ALERTS, 'utf8')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const panels: Panel[] = JSON.parse(read('deploy', 'grafana', 'record-meet.json')).panels;
/** The panels' expressions, with a value where Grafana puts one. */
const shown = panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));

const promtool = (...args: string[]) => promisify(execFile)('/usr/bin/promtool', args, { cwd: PROMETHEUS });

/** The names and the label values that an expression asks for. */
function asked(expr: string): string[] {
  const names = expr.match(/\b(record_meet|nodejs|process)_\w+/g) ?? [];
  const selected = [...expr.matchAll(/(\w+)\{[^}]*?\b(code|event)=~?"([^"]+)"/g)];
  return [
    ...names,
    ...selected.flatMap(([, name, label, values]) =>
      values!.split('|').map((value) => `${name}{${label}="${value}"}`),
    ),
  ];
}

describeWith('promtool', 'deploy/prometheus, read by promtool', () => {
  test('the alert rules and the configuration are good', async () => {
    await promtool('check', 'rules', '--lint-fatal', ALERTS);
    await promtool('check', 'config', '--syntax-only', joinPath(PROMETHEUS, 'prometheus.yml'));
  });

  test('each alert fires when it should and not when all is well', async () => {
    const { stdout } = await promtool('test', 'rules', TESTS);
    expect(stdout).toContain('SUCCESS');
    const cases = (parse(readFileSync(TESTS, 'utf8')).tests as UnitTest[]).flatMap(
      (one) => one.alert_rule_test,
    );
    for (const { alert } of rules) {
      const own = cases.filter(({ alertname }) => alertname === alert);
      expect([alert, own.map(({ exp_alerts }) => exp_alerts !== undefined).sort()]).toEqual([
        alert,
        [false, false, true],
      ]);
    }
  });

  test('every expression of the dashboard can be read', async () => {
    const rules = shown.map((expr, n) => ({ record: `panel:${n}`, expr }));
    const path = joinPath(tempFolder(), 'panels.yml');
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    const { stdout } = await promtool('check', 'rules', path);
    expect(stdout).toContain(`${shown.length} rules found`);
    expect(shown.length).toBeGreaterThan(30);
  });
});

describeWith('redis', 'the figures', () => {
  test('every one that the dashboard and the alerts ask for is in a real scrape', async () => {
    const REDIS_URL = (await startRedis()).url;
    const server = await build({ REDIS_URL, CANARY_SECONDS: '60' });
    const a = await joinV1(server, 'r', 'a');
    a.send({ type: 'report', to: 'b', data: { event: 'connected', ms: 900, path: 'relay' } });
    await a.flush();
    const scrape = async () => (await fetch(`${server.url}/metrics`)).text();
    await until(async () => (await scrape()).includes('record_meet_canary_success'));
    const there = new Set<string>();
    for (const [, name, labels = ''] of (await scrape()).matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
      there.add(name!);
      for (const label of labels.split(',')) there.add(`${name}{${label}}`);
    }
    const wanted = new Set([...rules.map(({ expr }) => expr), ...shown].flatMap(asked));
    expect([...wanted].filter((one) => !there.has(one))).toEqual([]);
    expect(wanted.size).toBeGreaterThan(30);
  });
});

test('the panels of the dashboard have a title, and none covers another', () => {
  const taken = new Set<string>();
  for (const { title, gridPos: at } of panels) {
    expect(title).toBeTruthy();
    expect(at.x + at.w).toBeLessThanOrEqual(24);
    for (let x = at.x; x < at.x + at.w; x++)
      for (let y = at.y; y < at.y + at.h; y++) {
        expect(taken.has(`${x} ${y}`), title).toBe(false);
        taken.add(`${x} ${y}`);
      }
  }
});

test('docs/operations.md says of every alert what it means and what to do, and of no other', () => {
  const page = read('docs', 'operations.md');
  const [, alerts = ''] = page.split('\n## Alerts\n');
  const headings = [...alerts.split('\n## ', 1)[0]!.matchAll(/^### (\w+)\n\n(.+)/gm)];
  expect(headings.map(([, name]) => name).sort()).toEqual(rules.map(({ alert }) => alert).sort());
  for (const { alert, annotations, labels } of rules) {
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    expect(['page', 'ticket']).toContain(labels.severity);
  }
  const links = [...page.matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) => target!);
  expect(links.filter((target) => !existsSync(joinPath(ROOT, 'docs', target)))).toEqual([]);
});

test('every diagnosis that its runbook explains is one that /calls gives', () => {
  const source = read('src', 'rooms', 'diagnosis.ts');
  const [, table = ''] = read('docs', 'operations.md').split('| it says | so |\n');
  const said = [...table.matchAll(/^ +\| (?!---)([^|]+) \|/gm)].map(([, words]) => words!);
  expect(said.length).toBeGreaterThan(5);
  for (const part of said.flatMap((words) => words.split('…')))
    expect([part.trim(), source.includes(part.trim())]).toEqual([part.trim(), true]);
});
