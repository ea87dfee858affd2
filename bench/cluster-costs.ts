import { setTimeout as delay } from 'node:timers/promises';
import { Client, inParallel } from './cluster-client.ts';
import { type Cost, RedisMeter } from './cluster-redis.ts';
import { ICE, meet, PAIRS, rally, SECONDS } from './cluster-relays.ts';

const OPERATIONS = 500;
/** Peers that join at about the same time. */
const CROWD = 2_000;
/** Until the inboxes are trimmed, ms. */
const SETTLE = 2_500;
/** About as long as a session description is. */
const OFFER = 'x'.repeat(1_500);

/**
 * What Redis sees of each operation, as rows of a table.
 *
 * @param one the port of one instance
 * @param two and of another
 */
export async function costs(url: string, one: number, two: number): Promise<string[][]> {
  await delay(2_000); // what is left of before is written
  const meter = await new RedisMeter(url).open();
  const rows: string[][] = [];
  const add = (label: string, { in: input, out, cpuUs, calls }: Cost) => {
    const names = [...calls].filter(([, n]) => n >= 0.05).toSorted(([, a], [, b]) => b - a);
    const text = names.map(([name, n]) => `${name} ${n.toFixed(1)}`).join(', ');
    rows.push([label, input.toFixed(0), out.toFixed(0), cpuUs.toFixed(0), text]);
  };
  await room(meter, 'at one', [one, one, one, one], add);
  await room(meter, 'at two', [one, one, two, two], add);
  await crowd(meter, 'both at one', one, one, add);
  await crowd(meter, 'one at each', one, two, add);
  const pairs = await meet('busy', one, two);
  let sent = 0;
  const busy = await meter.cost(1, async () => {
    const { perSecond } = await rally(pairs, SECONDS);
    sent = perSecond * SECONDS;
  });
  add(`ice of ${ICE.length} bytes at two, ${PAIRS} pairs at once`, times(busy, 1 / sent));
  add('nothing, for a second, two instances', times(meter.idle, 1_000));
  meter.close();
  return rows;
}

type Add = (label: string, cost: Cost) => void;

/** One thing after the other, in a room of four. */
async function room(meter: RedisMeter, where: string, ports: number[], add: Add): Promise<void> {
  const name = `cost-${where.replace(' ', '-')}`;
  const three = ports.slice(0, 3).map((port, n) => Client.join(port, name, `p${n}`, true));
  const [a, , c] = (await Promise.all(three)) as [Client, Client, Client];
  const repeat = async (label: string, work: (n: number) => Promise<unknown>) => {
    const cost = await meter.cost(OPERATIONS, async () => {
      for (let n = 0; n < OPERATIONS; n++) await work(n);
    });
    add(`${label} ${where}`, cost);
  };
  await repeat('join and leave', async (n) => {
    const met = a.next('new-peer');
    const joined = await Client.join(ports[3]!, name, `q${n}`, true);
    await met;
    const told = a.next('peer-left');
    await joined.leave();
    await told;
  });
  const say = (type: string, data: unknown, to?: string) => {
    a.send(JSON.stringify({ type, to, data }));
    return c.next(type);
  };
  await repeat('state', (n) => say('state', { name: 'Ada', n }));
  await repeat(`chat of ${ICE.length} bytes`, () => say('chat', ICE));
  await repeat(`offer of ${OFFER.length} bytes`, () => say('offer', OFFER, c.id));
  await repeat(`ice of ${ICE.length} bytes`, () => say('ice', ICE, c.id));
  for (const client of await Promise.all(three)) await client.leave();
}

/** Many at a time, two a room. */
async function crowd(meter: RedisMeter, where: string, a: number, b: number, add: Add): Promise<void> {
  const clients: Client[] = [];
  const name = `crowd-${where.replaceAll(' ', '-')}`;
  await delay(SETTLE);
  const before = await meter.memory();
  const joined = await meter.cost(CROWD, () =>
    inParallel(CROWD, 32, async (n) => {
      clients.push(await Client.join(n % 2 === 0 ? a : b, `${name}-${n >> 1}`, `p${n}`, true));
    }),
  );
  await delay(SETTLE);
  const memory = ((await meter.memory()) - before) / CROWD;
  add(`join, 32 at a time, two a room, ${where} (keeps ${memory.toFixed(0)} bytes)`, joined);
  add(
    `leave, 32 at a time, ${where}`,
    await meter.cost(CROWD, () => inParallel(CROWD, 32, (n) => clients[n]!.leave())),
  );
}

function times(cost: Cost, factor: number): Cost {
  const calls = new Map([...cost.calls].map(([name, n]) => [name, n * factor]));
  return { calls, in: cost.in * factor, out: cost.out * factor, cpuUs: cost.cpuUs * factor };
}
