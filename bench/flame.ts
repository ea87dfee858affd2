/**
 * Flame graphs of where the servers' CPU time goes under load: before, the yardstick, which parses and writes the
 * JSON of each message as this server did when it began; after, this server. Writes docs/images/flame-*.svg and
 * their section of docs/performance.md. `npm run bench:flame`, half a minute.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { flames, type Profile } from './flame-graph.ts';
import { generate, machine, quiet, type Server, start, today, wrong } from './load.ts';
import { writeImage, writeSection } from './page.ts';
import { OURS } from './plot.ts';

const { values } = parseArgs({ options: { sigload: { type: 'string', default: 'sigload' } } });
const WARM = 3;
const SECS = 6;
/** The load of the first point of the curves. */
const LOAD = `--mode relay --pairs 50 --warm ${WARM} --secs ${SECS}`;

/** The profile of a server under load, and the time of the load alone in it, µs. */
async function profile(script: string, flags = ''): Promise<{ profile: Profile; from: number; to: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'record-meet-flame-'));
  // A profile is written when the process ends by itself, which a signal alone does not make it do.
  const end = `--import "data:text/javascript,process.on('SIGTERM',()=>process.exit())"`;
  const prof = `--cpu-prof --cpu-prof-interval 500 --cpu-prof-dir "${folder}" --cpu-prof-name profile`;
  const server: Server = { kind: 'meet', label: script, cmd: `node ${prof} ${end} ${flags} ${script}` };
  try {
    await quiet(6_000);
    const running = await start(server);
    let began: bigint;
    try {
      began = process.hrtime.bigint() / 1000n;
      const report = await generate(values.sigload, running.port, LOAD.split(' ')).report;
      const trouble = wrong(report);
      if (trouble) throw new Error(`${script}: ${trouble}`);
    } finally {
      await running.stop();
    }
    // V8 takes its times from the same clock.
    const from = Number(began) + (WARM + 0.5) * 1e6;
    const text = readFileSync(join(folder, 'profile'), 'utf8');
    return { profile: JSON.parse(text), from, to: from + (SECS - 1) * 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const about = `${today()}; ${machine()}`;
const before = await profile('bench/baselines/ws-json.mjs');
const after = await profile('dist/src/server.js', '--max-semi-space-size=2');
writeImage(
  'flame-before.svg',
  flames('ws-json: where the CPU time of a relayed message goes', about, before),
);
writeImage('flame-after.svg', flames(`${OURS}: where the CPU time of a relayed message goes`, about, after));
writeSection(
  'bench:flame',
  `![Flame graph of ws-json](images/flame-before.svg)\n\n![Flame graph of ${OURS}](images/flame-after.svg)\n\n${about}; 50 pairs, one message of each pair in flight; ${SECS - 1} seconds, sampled every 0.5 ms.`,
);
