#!/usr/bin/env node
// Compares signaling servers side by side: interleaved runs, server on cpu 0, generator on cpu 1, medians, ratios
// to the first. `npm run bench` builds the generator and runs it all; by hand:
//
//   node compare.mjs --sigload /somewhere/sigload --runs 3 --cases relay1,chat \
//     ws-json='node baselines/ws-json.mjs' echo:ours='node dist/src/server.js' [peerjs:name='…']
//
// A server is LABEL=COMMAND or KIND:LABEL=COMMAND. KIND is meet (the default), echo (as meet, but a chat goes to
// its sender, too), peerjs, ywebrtc or sio. It gets PORT and this process's environment, so set limits off there.
// Runs in which something else used 8 % of the machine or more are repeated, up to three times the wanted number.
// `cost` is server CPU per message (per join), the steadiest figure. Each run's messages are checked, and what is
// bad, lost or out of order makes the whole comparison fail.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

/** `crowd`: peers in other rooms, who say nothing. */
const CASES = {
  relay1: { args: '--mode relay --pairs 200 --w 1 --secs 3 --warm 3', value: 'msgs_per_s' },
  relay16: { args: '--mode relay --pairs 50 --w 16 --secs 3 --warm 3', value: 'msgs_per_s' },
  rate: { args: '--mode rate --pairs 200 --rate 20000 --secs 4 --warm 3', value: 'p99_us', lower: true },
  chat: { args: '--mode chat --n 200 --k 10 --secs 3 --warm 3', value: 'msgs_per_s', not: ['peerjs'] },
  join: { args: '--mode join --n 6000 --k 2', value: 'joins_per_s' },
  idle: { args: '--mode idle --n 6000 --k 2 --secs 6', value: 'bytes_per_peer', lower: true },
  few: { args: '--mode relay --pairs 50 --w 4 --secs 3 --warm 3', value: 'msgs_per_s' },
  many: { args: '--mode relay --pairs 50 --w 4 --secs 3 --warm 3', value: 'msgs_per_s', crowd: 9_900 },
};
const KINDS = { meet: 'meet', echo: 'meet', peerjs: 'peerjs', ywebrtc: 'ywebrtc', sio: 'sio' };
const { values: o, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sigload: { type: 'string', default: 'sigload' },
    runs: { type: 'string', default: '3' },
    cases: { type: 'string', default: Object.keys(CASES).join(',') },
    json: { type: 'string' },
  },
});
const servers = positionals.map((p) => {
  const [, kind = 'meet', label, cmd] = /^(?:(\w+):)?([^=]+)=(.*)$/s.exec(p);
  return { kind, label, cmd };
});
let failures = 0;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const listening = (port) =>
  new Promise((r) => {
    const c = net.connect(port, '127.0.0.1', () => {
      c.destroy();
      r(true);
    });
    c.on('error', () => r(false));
  });
const busy = () =>
  readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]
    .split(/\s+/)
    .slice(1)
    .map(Number)
    .filter((_, i) => i !== 3 && i !== 4)
    .reduce((a, b) => a + b);
async function quiet(ms) {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const a = busy();
    await sleep(250);
    if (busy() - a < 3) return;
  }
}
/** Runs the generator; its report when it has ended. */
function generate(port, args) {
  const load = spawn('taskset', ['-c', '1', o.sigload, '--port', String(port), ...args]);
  let out = '';
  load.stdout.on('data', (d) => {
    out += d;
  });
  load.stderr.pipe(process.stderr);
  const report = new Promise((r) => load.on('close', () => r(out)));
  return { load, report };
}
async function run(server, name, slot) {
  const port = 20000 + Math.floor(Math.random() * 8000);
  const { args, crowd } = CASES[name];
  await quiet(6000);
  const child = spawn('taskset', ['-c', '0', 'sh', '-c', `exec ${server.cmd}`], {
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  const proto = KINDS[server.kind];
  let others;
  try {
    for (let i = 0; !(await listening(port)); i++) {
      if (i > 200) throw new Error(`${server.label} does not listen`);
      await sleep(50);
    }
    await sleep(300);
    if (crowd) {
      others = generate(
        port,
        `--proto ${proto} --mode idle --n ${crowd} --k 2 --secs 60 --slot 99`.split(' '),
      );
      await sleep(5000); // a steady state: nobody joins any more
      await quiet(10_000);
    }
    const fanout = server.kind === 'echo' && name === 'chat' ? ['--fanout', '10'] : [];
    const { report } = generate(port, [
      ...['--proto', proto, '--pid', String(child.pid), '--label', server.label, '--slot', String(slot)],
      ...args.split(' '),
      ...fanout,
    ]);
    return JSON.parse(await report);
  } finally {
    others?.load.kill();
    const gone = new Promise((r) => child.on('close', r));
    child.kill('SIGTERM');
    if (!(await Promise.race([gone.then(() => true), sleep(1500)]))) {
      child.kill('SIGKILL');
      await gone;
    }
  }
}
/** What was wrong with what a run carried; empty, if nothing. */
function wrong(r) {
  const all = [];
  for (const key of ['bad', 'reorder', 'lost_conns', 'dropped']) if (r[key]) all.push(`${key} ${r[key]}`);
  if (r.error) all.push(r.error);
  // In flight at the borders of the window are a few; whole lost messages would add up.
  if (r.mode === 'rate' && Math.abs(r.sent_per_s - r.msgs_per_s) > 0.02 * r.sent_per_s) {
    all.push(`sent ${r.sent_per_s}/s, delivered ${r.msgs_per_s}/s`);
  }
  return all.join(', ');
}
const median = (a) => (a.length ? a.toSorted((x, y) => x - y)[a.length >> 1] : Number.NaN);
const results = [];
for (const name of o.cases.split(',')) {
  const { value, lower = false, not = [] } = CASES[name];
  const all = servers.filter(({ kind }) => !not.includes(kind));
  const got = all.map(() => []);
  for (let round = 0; round < o.runs * 3 && got.some((g) => g.length < o.runs); round++) {
    for (const [i, server] of all.entries()) {
      if (got[i].length >= o.runs) continue;
      const r = await run(server, name, round).catch((e) => {
        console.error(String(e));
        return null;
      });
      if (!r) continue;
      const trouble = wrong(r);
      if (trouble) {
        failures++;
        console.error(`${server.label} ${name}: ${trouble}`);
      }
      const noisy = (r.other_cpu ?? 0) + (r.steal ?? 0) >= 8;
      if (!noisy || round >= o.runs * 2) got[i].push(r);
    }
  }
  const base = median(got[0].map((r) => r[value]));
  const costs = got.map((g) => g.map((r) => r.srv_us_per_msg ?? r.join_srv_us).filter(Number.isFinite));
  for (const [i, { label }] of all.entries()) {
    const values = got[i].map((r) => r[value]);
    const v = median(values);
    const cost = median(costs[i]);
    const row = { case: name, server: label, value, lower, runs: values.length, median: v };
    Object.assign(row, { least: Math.min(...values), most: Math.max(...values), ratio: v / base });
    if (!Number.isNaN(cost)) Object.assign(row, { cost, costRatio: cost / median(costs[0]) });
    results.push(row);
    const costText = row.cost === undefined ? '' : `  cost ${cost} us x${row.costRatio.toFixed(2)}`;
    console.log(
      `${name.padEnd(8)} ${label.padEnd(14)} ${value} ${v.toFixed(0).padStart(9)} x${row.ratio.toFixed(2)}${costText}  (n=${values.length})`,
    );
  }
}
const machine = `${cpus().length} × ${cpus()[0].model.trim()}, Linux, Node ${process.version.slice(1)}`;
if (o.json) {
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(o.json, JSON.stringify({ date, machine, runs: Number(o.runs), results }, null, 1));
}
if (failures > 0) {
  console.error(`${failures} runs lost, broke or reordered something`);
  process.exitCode = 1;
}
