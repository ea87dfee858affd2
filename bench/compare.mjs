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
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { crowd, generate, KINDS, machine, median, noisy, quiet, start, today, wrong } from './load.ts';

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
async function run(server, name, slot) {
  const { args, crowd: peers } = CASES[name];
  await quiet(6000);
  const running = await start(server);
  let others;
  try {
    if (peers) others = await crowd(o.sigload, running.port, server.kind, peers);
    const fanout = server.kind === 'echo' && name === 'chat' ? ['--fanout', '10'] : [];
    const proto = KINDS[server.kind];
    const { report } = generate(o.sigload, running.port, [
      ...['--proto', proto, '--pid', String(running.pid), '--label', server.label, '--slot', String(slot)],
      ...args.split(' '),
      ...fanout,
    ]);
    return await report;
  } finally {
    others?.kill();
    await running.stop();
  }
}
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
      if (!noisy(r) || round >= o.runs * 2) got[i].push(r);
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
if (o.json) {
  const all = { date: today(), machine: machine(), runs: Number(o.runs), results };
  writeFileSync(o.json, JSON.stringify(all, null, 1));
}
if (failures > 0) {
  console.error(`${failures} runs lost, broke or reordered something`);
  process.exitCode = 1;
}
