import { setTimeout as delay } from 'node:timers/promises';
import { describe, faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { PlainPeer } from './plain-peer.ts';
import { Quiet } from './quiet.ts';
import { Random } from './random.ts';
import { INSTANCES, Site } from './site.ts';
import { V1Peer } from './v1-peer.ts';

const ROOMS = ['r1', 'r2', 'r3'];
const V1_PEERS = ['a', 'b', 'c', 'd'];
const PLAIN_PEERS = ['x', 'y'];
/** GRACE_SECONDS of the site, ms. */
const GRACE = 10_000;
/** Between two things that one peer does, ms. */
const ACT_EVERY = [100, 600] as const;
/** Faults from one quiet moment to the next. */
const FAULTS_A_ROUND = 4;

/** What a run did and what it found. */
export interface Outcome {
  faults: string[];
  checked: Record<string, number>;
  violations: string[];
}

/**
 * Runs peers of both dialects against three instances over Redis, does the faults that the seed stands for to
 * all of these, and checks what must hold all the same; at the end of each round, when all is quiet, most of it.
 *
 * @param seed decides the faults, and what the peers do; not what the machine makes of it
 * @param ms for how long faults are made; the last quiet moment comes after that
 * @param log is told what is going on
 * @param logs a folder for what the instances log
 */
export async function chaos(
  seed: number,
  ms: number,
  log: (line: string) => void,
  logs?: string,
): Promise<Outcome> {
  const ledger = new Ledger(GRACE);
  const site = await Site.start(seed);
  const done: string[] = [];
  const startedAt = Date.now();
  const say = (text: string) => log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  const { url } = site.balancer;
  const peers = ROOMS.flatMap((room, r) => [
    ...V1_PEERS.map((id, n) => new V1Peer(url, room, id, ledger, new Random(seed * 1000 + r * 100 + n))),
    ...PLAIN_PEERS.map(
      (id, n) => new PlainPeer(url, room, id, ledger, new Random(seed * 1000 + r * 100 + 50 + n)),
    ),
  ]);
  const quiet = new Quiet(site, peers, ledger);
  let acting = true;
  try {
    for (const peer of peers) peer.join();
    const actors = peers.map((peer, n) => act(peer, new Random(seed * 7919 + n), () => acting));
    await quiet.settle();
    const steps = faults(seed, INSTANCES);
    while (Date.now() - startedAt < ms && ledger.violations.length === 0) {
      quiet.pause(false);
      for (let n = 0; n < FAULTS_A_ROUND && Date.now() - startedAt < ms; n++) {
        const { fault, rest } = steps.next().value!;
        const text = describe(fault);
        say(text);
        done.push(text);
        const trouble = { from: Date.now(), to: Number.POSITIVE_INFINITY };
        ledger.troubles.push(trouble);
        if (fault.is.endsWith('redis')) ledger.outages.push(trouble);
        await site.suffer(fault);
        trouble.to = Date.now();
        await delay(rest);
      }
      quiet.pause(true);
      await quiet.settle();
      say(`quiet: ${ledger.stays.length} stays so far, ${ledger.violations.length} violations`);
    }
    acting = false;
    await Promise.all(actors);
  } catch (error) {
    ledger.complain((error as Error).message);
  } finally {
    acting = false;
    for (const peer of peers) peer.end();
    if (logs !== undefined) site.writeLogs(logs);
    for (const error of site.errors) ledger.complain(`logged: ${error}`);
    await site.stop();
  }
  return { faults: done, checked: ledger.checked, violations: ledger.violations };

  /** Does something every now and then, but for the quiet moments. */
  async function act(peer: V1Peer | PlainPeer, random: Random, goesOn: () => boolean): Promise<void> {
    for (; goesOn(); await delay(random.between(...ACT_EVERY))) {
      if (quiet.is || !peer.stay) continue;
      const dice = random.next();
      if (dice < 0.03) peer.reload();
      else if (peer instanceof PlainPeer) {
        if (dice < 0.2) peer.chat();
        else peer.signal(random.pick([...peer.roster!.sessions.keys()]));
      } else if (dice < 0.2) peer.chat(quiet.stays);
      else if (dice < 0.3) peer.show();
      else if (peer.client!.peers.length > 0) peer.signal(random.pick(peer.client!.peers), quiet.stays);
    }
  }
}
