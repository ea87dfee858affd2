#!/usr/bin/env node
// Compares signaling servers side by side: interleaved runs, server on cpu 0, generator on cpu 1, medians, ratios to the first.
//
//   npm run bench   builds the generator and runs it all; by hand:
//   node compare.mjs --sigload /somewhere/sigload --runs 3 --cases relay1,relay16,chat,join,idle \
//     ws-json='node baselines/ws-json.mjs' ours='node dist/src/server.js' [peerjs:name='…']
//
// A server is LABEL=COMMAND (or PROTO:LABEL=COMMAND with PROTO meet, peerjs, ywebrtc or sio); it gets PORT and
// this process's environment, so set limits off there. Runs in which something else used 8 % of the machine or
// more are repeated, up to three times the wanted number. `cost` is server CPU per message, the steadiest figure.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { parseArgs } from 'node:util';

const CASES = {
  relay1: { args: '--mode relay --pairs 200 --w 1 --secs 3 --warm 3', value: 'msgs_per_s' },
  relay16: { args: '--mode relay --pairs 50 --w 16 --secs 3 --warm 3', value: 'msgs_per_s' },
  rate: { args: '--mode rate --pairs 200 --rate 20000 --secs 4 --warm 3', value: 'p99_us', lower: true },
  chat: { args: '--mode chat --n 200 --k 10 --secs 3 --warm 3', value: 'msgs_per_s' },
  join: { args: '--mode join --n 6000 --k 2 --c 64', value: 'joins_per_s' },
  idle: { args: '--mode idle --n 6000 --k 2 --secs 6', value: 'bytes_per_peer', lower: true },
};
const { values: o, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sigload: { type: 'string', default: 'sigload' },
    runs: { type: 'string', default: '3' },
    cases: { type: 'string', default: 'relay1,relay16,chat,join,idle' },
    json: { type: 'boolean', default: false },
  },
});
const servers = positionals.map((p) => {
  const [, proto = 'meet', label, cmd] = /^(?:(\w+):)?([^=]+)=(.*)$/s.exec(p);
  return { proto, label, cmd };
});
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
async function run(server, name, slot) {
  const port = 20000 + Math.floor(Math.random() * 8000);
  await quiet(6000);
  const child = spawn('taskset', ['-c', '0', 'sh', '-c', `exec ${server.cmd}`], {
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  try {
    for (let i = 0; !(await listening(port)); i++) {
      if (i > 200) throw new Error(`${server.label} does not listen`);
      await sleep(50);
    }
    await sleep(300);
    const load = spawn('taskset', [
      '-c',
      '1',
      o.sigload,
      '--proto',
      server.proto,
      '--port',
      String(port),
      '--pid',
      String(child.pid),
      '--label',
      server.label,
      '--slot',
      String(slot),
      ...CASES[name].args.split(' '),
    ]);
    let out = '';
    load.stdout.on('data', (d) => {
      out += d;
    });
    load.stderr.pipe(process.stderr);
    await new Promise((r) => load.on('close', r));
    return JSON.parse(out);
  } finally {
    const gone = new Promise((r) => child.on('close', r));
    child.kill('SIGTERM');
    if (!(await Promise.race([gone.then(() => true), sleep(1500)]))) {
      child.kill('SIGKILL');
      await gone;
    }
  }
}
const median = (a) => (a.length ? a.toSorted((x, y) => x - y)[a.length >> 1] : NaN);
const report = [];
for (const name of o.cases.split(',')) {
  const got = servers.map(() => []);
  for (let round = 0; round < o.runs * 3 && got.some((g) => g.length < o.runs); round++) {
    for (const [i, server] of servers.entries()) {
      if (got[i].length >= o.runs) continue;
      const r = await run(server, name, round).catch((e) => {
        console.error(String(e));
        return null;
      });
      if (!r) continue;
      const noisy = (r.other_cpu ?? 0) + (r.steal ?? 0) >= 8;
      if (r.bad || r.reorder || r.lost_conns)
        console.error(
          `${server.label} ${name}: bad ${r.bad} reordered ${r.reorder} connections lost ${r.lost_conns}`,
        );
      if (!noisy || round >= o.runs * 2) got[i].push(r);
    }
  }
  const { value, lower } = CASES[name];
  for (const [i, server] of servers.entries()) {
    const v = median(got[i].map((r) => r[value]));
    const cost = median(got[i].map((r) => r.srv_us_per_msg ?? r.join_srv_us).filter(Number.isFinite));
    const base = median(got[0].map((r) => r[value]));
    report.push({
      case: name,
      server: server.label,
      runs: got[i].length,
      [value]: v,
      ratio: +(v / base).toFixed(3),
      better: lower ? v < base : v > base,
      cost_us: Number.isNaN(cost) ? undefined : cost,
    });
    if (!o.json)
      console.log(
        `${name.padEnd(8)} ${server.label.padEnd(16)} ${value} ${String(Math.round(v * 1000) / 1000).padStart(12)}  x${(v / base).toFixed(2)}  cost ${Number.isNaN(cost) ? '-' : cost} us  (n=${got[i].length})`,
      );
  }
}
if (o.json) console.log(JSON.stringify(report));
