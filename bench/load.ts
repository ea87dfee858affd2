import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** What each kind of server speaks. `echo` is as `meet`, but a chat goes to its sender, too. */
export const KINDS = {
  meet: 'meet',
  echo: 'meet',
  peerjs: 'peerjs',
  ywebrtc: 'ywebrtc',
  sio: 'sio',
} as const;

export interface Server {
  kind: keyof typeof KINDS;
  label: string;
  /** Gets PORT, and the environment of this process. */
  cmd: string;
}

/** A report of sigload.c, which says what each field means; those that are used by name. */
export interface Report {
  mode: string;
  msgs_per_s: number;
  sent_per_s: number;
  srv_us_per_msg?: number;
  join_srv_us?: number;
  other_cpu?: number;
  steal?: number;
  error?: string;
  [field: string]: number | string | undefined;
}

/** The CPU time of the whole machine that was used, in hundredths of a second. */
const busy = () =>
  readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number)
    .filter((_, i) => i !== 3 && i !== 4)
    .reduce((a, b) => a + b);

/** Waits until nothing else uses the machine, at most this long, ms. */
export async function quiet(ms: number): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const before = busy();
    await delay(250);
    if (busy() - before < 3) return;
  }
}

const listening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

export interface Running {
  port: number;
  pid: number;
  /** Ends the process, by force if it does not go by itself. */
  stop(): Promise<void>;
}

/** Starts a server on the first core; resolves when it listens. */
export async function start({ label, cmd }: Server): Promise<Running> {
  const port = 20000 + Math.floor(Math.random() * 8000);
  const child = spawn('taskset', ['-c', '0', 'sh', '-c', `exec ${cmd}`], {
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  const gone = once(child, 'close').then(() => true);
  const running = {
    port,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      if (await Promise.race([gone, delay(1500, false)])) return;
      child.kill('SIGKILL');
      await gone;
    },
  };
  for (let i = 0; !(await listening(port)); i++) {
    if (i > 200) {
      await running.stop();
      throw new Error(`${label} does not listen`);
    }
    await delay(50);
  }
  await delay(300);
  return running;
}

/** Runs the generator on the second core; its report when it has ended. */
export function generate(sigload: string, port: number, args: string[]) {
  const load = spawn('taskset', ['-c', '1', sigload, '--port', String(port), ...args]);
  let out = '';
  load.stdout.on('data', (chunk) => {
    out += chunk;
  });
  load.stderr.pipe(process.stderr);
  const report = once(load, 'close').then(() => JSON.parse(out) as Report);
  report.catch(() => {}); // nobody asks for that of a crowd
  return { load: load as ChildProcess, report };
}

/** Peers in other rooms of two, who say nothing; resolves when all have joined. End it with `kill`. */
export async function crowd(sigload: string, port: number, kind: Server['kind'], peers: number) {
  const args = `--proto ${KINDS[kind]} --mode idle --n ${peers} --k 2 --secs 60 --slot 99`;
  const { load } = generate(sigload, port, args.split(' '));
  await delay(1000 + peers * 0.4); // a steady state: nobody joins any more
  await quiet(10_000);
  return load;
}

/** What was wrong with what a run carried; empty, if nothing. */
export function wrong(r: Report): string {
  const all: string[] = [];
  for (const key of ['bad', 'reorder', 'lost_conns', 'dropped']) if (r[key]) all.push(`${key} ${r[key]}`);
  if (r.error) all.push(r.error);
  // In flight at the borders of the window are a few; whole lost messages would add up.
  if (r.mode === 'rate' && Math.abs(r.sent_per_s - r.msgs_per_s) > 0.02 * r.sent_per_s) {
    all.push(`sent ${r.sent_per_s}/s, delivered ${r.msgs_per_s}/s`);
  }
  return all.join(', ');
}

/** Whether something else used 8 % of the machine or more. */
export const noisy = (r: Report) => (r.other_cpu ?? 0) + (r.steal ?? 0) >= 8;

export const median = (values: number[]) =>
  values.length ? values.toSorted((a, b) => a - b)[values.length >> 1]! : Number.NaN;

export const machine = () =>
  `${cpus().length} × ${cpus()[0]!.model.trim()}, Linux, Node ${process.version.slice(1)}`;

/** The date of today as it stands beside what was measured. */
export const today = () => new Date().toISOString().slice(0, 10);
