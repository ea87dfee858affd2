/**
 * How the server's CPU time for a message grows: with peers, rooms, the size of a message and, for a chat, of the
 * room; beside the yardstick in the same run. Writes docs/images/performance-curves.svg and its section of
 * docs/performance.md. `npm run bench:curves`, about five minutes; `-- --quick` tries it and writes nothing into
 * the page.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Curve, picture, section, table } from './curves-report.ts';
import * as load from './load.ts';
import { writeImage, writeSection } from './page.ts';
import { OURS } from './plot.ts';

const { values: options } = parseArgs({
  options: { sigload: { type: 'string', default: 'sigload' }, quick: { type: 'boolean', default: false } },
});
const { sigload, quick } = options;
const ROUNDS = quick ? 1 : 3;
const WINDOW = quick ? '--secs 0.5 --warm 0.3' : '--secs 1 --warm 0.6';

const SERVERS: load.Server[] = [
  { kind: 'meet', label: 'ws-json', cmd: 'node bench/baselines/ws-json.mjs' },
  { kind: 'echo', label: OURS, cmd: 'node --max-semi-space-size=2 dist/src/server.js' },
];

interface Load {
  args: string;
  /** Peers in other rooms, who say nothing. */
  crowd?: number;
  /** The members of a room of chat. */
  members?: number;
}
const pairs = (count: number, more = ''): Load => ({ args: `--mode relay --pairs ${count}${more}` });
const chat = (members: number): Load => ({ args: `--mode chat --n 200 --k ${members}`, members });

/** Each curve's loads by what stands on its x axis. */
const CURVES: { title: string; unit: string; log: boolean; loads: Record<number, Load> }[] = [
  {
    ...{ title: 'A message against its size', unit: 'bytes', log: true },
    loads: Object.fromEntries(
      [120, 500, 4096, 32768, 61440].map((size) => [size, pairs(50, ` --bytes ${size}`)]),
    ),
  },
  {
    ...{ title: 'A chat against the size of its room', unit: 'members', log: true },
    loads: Object.fromEntries([2, 5, 10, 25, 50, 100].map((members) => [members, chat(members)])),
  },
  {
    ...{ title: 'A message against peers, all of whom talk', unit: 'peers', log: false },
    loads: { 100: pairs(50), 1000: pairs(500), 10000: pairs(5000) },
  },
  {
    ...{ title: 'A message of 50 busy rooms against all rooms', unit: 'rooms', log: false },
    loads: Object.fromEntries(
      [50, 500, 5000].map((rooms) => [rooms, { ...pairs(50), crowd: 2 * (rooms - 50) }]),
    ),
  },
];

let slot = 0;
/** The CPU time of one message (a chat, with all its deliveries) under this load, µs. */
async function cost(server: load.Server, { port, pid }: load.Running, one: Load): Promise<number> {
  const others = one.crowd ? await load.crowd(sigload, port, server.kind, one.crowd) : undefined;
  try {
    let best: load.Report | undefined;
    // What something else disturbed is measured once more.
    for (let attempt = 0; attempt < 2 && (!best || load.noisy(best)); attempt++) {
      await load.quiet(2_000);
      slot = (slot + 1) % 99; // 99 is the crowd's
      const fanout = one.members && server.kind === 'echo' ? ` --fanout ${one.members}` : '';
      const args = `--pid ${pid} --slot ${slot} ${WINDOW} ${one.args}${fanout}`;
      const report = await load.generate(sigload, port, args.split(' ')).report;
      const trouble = load.wrong(report);
      if (trouble) throw new Error(`${server.label} ${one.args}: ${trouble}`);
      if (!best || (report.other_cpu ?? 0) < (best.other_cpu ?? 0)) best = report;
    }
    const { srv_us_per_msg = Number.NaN, msgs_per_s, sent_per_s } = best!;
    return one.members ? (srv_us_per_msg * msgs_per_s) / sent_per_s : srv_us_per_msg;
  } finally {
    others?.kill();
  }
}

/** All that was measured. */
const curves: Curve[] = CURVES.map(({ title, unit, log }) => ({
  ...{ title, unit, log },
  series: SERVERS.map(({ label }) => ({ name: label, costs: new Map() })),
}));
for (let round = 0; round < ROUNDS; round++) {
  const running: load.Running[] = [];
  try {
    for (const server of SERVERS) running.push(await load.start(server));
    const warm = `--mode relay --pairs 50 --secs ${quick ? 1 : 2} --warm 0 --slot 98`.split(' ');
    for (const { port } of running) await load.generate(sigload, port, warm).report;
    for (const [n, { title, loads }] of CURVES.entries()) {
      for (const [x, one] of Object.entries(loads)) {
        for (const [i, server] of SERVERS.entries()) {
          const us = await cost(server, running[i]!, one);
          const { costs } = curves[n]!.series[i]!;
          costs.set(Number(x), [...(costs.get(Number(x)) ?? []), us]);
          console.log(`${title}: ${x}, ${server.label}: ${us.toFixed(2)} µs`);
        }
      }
    }
  } finally {
    for (const one of running) await one.stop();
  }
}

if (quick) {
  const path = join(mkdtempSync(join(tmpdir(), 'record-meet-curves-')), 'curves.svg');
  writeFileSync(path, picture(curves, ROUNDS));
  console.log(`${table(curves)}\nThe plot: ${path}`);
} else {
  writeImage('performance-curves.svg', picture(curves, ROUNDS));
  writeSection('bench:curves', section(curves, ROUNDS));
}
