import { randomUUID } from 'node:crypto';
import { CANARY_PREFIX } from '../protocol/ids.ts';
import { CanaryPeer } from './peer.ts';

/** What a canary tries, in this order. */
export type Step = 'join' | 'offer' | 'answer' | 'candidates' | 'chat' | 'resume' | 'leave';

/** How long a step may take, ms. */
const WITHIN = 5_000;
/** ICE candidates that each side sends. */
const CANDIDATES = 3;

export interface CanaryOptions {
  /** The server: `ws://host:port` or `wss://host`. */
  url: string;
  /** The room; see `canaryRoom`. */
  room: string;
  /** The ids of the two peers. @default two that nobody has */
  peers?: readonly [string, string];
  /** Makes the room token of a peer. @default no token */
  tokenFor?: (peer: string) => Promise<string | undefined>;
  /** How long a step may take, ms. @default 5000 */
  within?: number;
  /** Ends the run early, as a failure. */
  signal?: AbortSignal;
}

export interface CanaryResult {
  /** The steps that went well, and how long each took. */
  steps: { step: Step; seconds: number }[];
  /** The one that did not, if any. */
  failed: { step: Step; reason: string } | undefined;
}

/** A room for a canary and nobody else; `/stats` and `/calls` leave it out. */
export function canaryRoom(): string {
  return CANARY_PREFIX + randomUUID();
}

/**
 * Tries a server as two clients would: they meet in a room, exchange what sets up a call, and a chat; one of
 * them loses its connection and comes back (where seats are kept); both leave.
 */
export async function runCanary(options: CanaryOptions): Promise<CanaryResult> {
  const { url, room, within = WITHIN, signal } = options;
  const [first, second] = options.peers ?? [randomUUID(), randomUUID()];
  const steps: CanaryResult['steps'] = [];
  const peers: CanaryPeer[] = [];
  const broken = new AbortController();
  let step: Step = 'join';
  const timed = async (name: Step, work: () => Promise<unknown>) => {
    step = name;
    const since = performance.now();
    const limits = [broken.signal, AbortSignal.timeout(within), ...(signal ? [signal] : [])];
    await orAborted(work(), AbortSignal.any(limits));
    steps.push({ step, seconds: (performance.now() - since) / 1000 });
  };
  const enter = async (id: string) => {
    const token = await options.tokenFor?.(id);
    const peer = new CanaryPeer(url, room, id, token, (error) => broken.abort(error));
    peers.push(peer);
    return { peer, welcome: await peer.join() };
  };
  try {
    let graceSeconds = 0;
    await timed('join', async () => {
      const { peer } = await enter(first);
      const { welcome } = await enter(second);
      if (!welcome.peers.includes(first)) throw new Error('the second peer was not told of the first');
      graceSeconds = welcome.graceSeconds;
      await peer.nextOf('new-peer', second);
    });
    const [a, b] = peers as [CanaryPeer, CanaryPeer];
    await timed('offer', () => pass(a, b, 'offer'));
    await timed('answer', () => pass(b, a, 'answer'));
    await timed('candidates', async () => {
      for (let n = 0; n < CANDIDATES; n++) {
        await pass(a, b, 'ice');
        await pass(b, a, 'ice');
      }
    });
    await timed('chat', () => chat(a, b));
    if (graceSeconds > 0) await timed('resume', () => resume(b, a));
    await timed('leave', async () => {
      b.leave();
      await a.nextOf('peer-left', second);
    });
    return { steps, failed: undefined };
  } catch (error) {
    return { steps, failed: { step, reason: reasonOf(error, within) } };
  } finally {
    for (const peer of peers) peer.leave();
  }
}

/** One signal there, and its receipt back. */
async function pass(from: CanaryPeer, to: CanaryPeer, type: string): Promise<void> {
  const data = randomUUID();
  const id = from.send(type, data, to.id);
  const frame = await to.nextOf(type, from.id);
  if (frame.id !== id || frame.data !== data) throw new Error(`another ${type} came than was sent`);
  to.acknowledge(frame);
  if ((await from.nextOf('ack', to.id)).id !== id) throw new Error(`the receipt was for another ${type}`);
}

async function chat(from: CanaryPeer, to: CanaryPeer): Promise<void> {
  const data = randomUUID();
  from.send('chat', data);
  const [own, theirs] = [await from.nextOf('chat', from.id), await to.nextOf('chat', from.id)];
  if (own.data !== data || theirs.data !== data || !own.seq || own.seq !== theirs.seq)
    throw new Error('the two peers got different messages');
}

/** @param other sees it go and come back */
async function resume(peer: CanaryPeer, other: CanaryPeer): Promise<void> {
  peer.lose();
  await other.nextOf('peer-away', peer.id);
  if (!(await peer.join()).resumed) throw new Error('the seat was not kept');
  await other.nextOf('peer-back', peer.id);
}

function orAborted<T>(work: Promise<T>, limit: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (limit.aborted) reject(limit.reason);
    limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}

function reasonOf(error: unknown, within: number): string {
  const { name, message } = error as Error;
  return name === 'TimeoutError' ? `not through within ${within} ms` : message;
}
