import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { build, type Frame, type TestServer, until } from './helper.ts';

/** How long the page waits before it comes back, ms; the original waits 3 s. */
const DELAY = 50;

/**
 * The page of the original frontend, as far as a server can tell: it offers on each `new-peer`, answers each
 * offer, ignores what it does not know, and comes back after any close with the same peer id.
 */
class Page {
  readonly id: string;
  /** The others with whom an offer was answered and whose candidate came. */
  readonly connected = new Set<string>();
  /** The ids in the `new-peer` and `peer-left` that came, in order. */
  readonly news: string[] = [];
  /** To whom it made offers. */
  readonly offers: string[] = [];
  /** The code of each close. */
  readonly closes: number[] = [];
  readonly #url: string;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sockets = new Set<WebSocket>();
  #stopped = false;

  constructor(server: TestServer, id: string) {
    this.id = id;
    this.#url = `ws://127.0.0.1:${server.port}/ws/room/${id}`;
    onTestFinished(() => this.stop());
  }

  open(answersPings = true): WebSocket {
    const ws = new WebSocket(this.#url, { autoPong: answersPings });
    this.#sockets.add(ws);
    ws.on('error', () => {});
    ws.on('message', (text) => this.#handle(ws, JSON.parse(text.toString()) as Frame));
    ws.on('close', (code) => {
      this.closes.push(code);
      this.#sockets.delete(ws);
      if (this.#stopped) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.open();
      }, DELAY);
      this.#timers.add(timer);
    });
    return ws;
  }

  /** As if the machine had lost its power: it does not come back by itself. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const ws of this.#sockets) ws.terminate();
  }

  #handle(ws: WebSocket, { type, from, data }: Frame): void {
    const send = (type: string, to: string) =>
      ws.send(JSON.stringify({ type, room: 'room', from: this.id, to, data: { of: this.id } }));
    switch (type) {
      case 'new-peer':
        this.news.push(`+${data}`);
        this.offers.push(data as string);
        return send('offer', data as string);
      case 'offer':
        send('answer', from);
        return send('ice', from);
      case 'answer':
        return send('ice', from);
      case 'ice':
        this.connected.add(from);
        return;
      case 'peer-left':
        this.news.push(`-${data}`);
        this.connected.delete(data as string);
        return;
    }
  }
}

function pages(server: TestServer, count: number): Page[] {
  return ['anna', 'ben', 'cleo'].slice(0, count).map((id) => new Page(server, id));
}

/** Waits until each page has a call with each other one. */
function allConnected(all: Page[]): Promise<void> {
  return until(() => all.every((page) => page.connected.size === all.length - 1));
}

test.for([2, 3])('a room of %i: each pair gets one call, by one offer', async (count) => {
  const all = pages(await build(), count);
  for (const page of all) page.open();
  await allConnected(all);
  const pairs = all.flatMap(({ id, offers }) => offers.map((to) => [id, to].sort().join()));
  expect(new Set(pairs).size).toBe(pairs.length);
  expect(pairs.length).toBe((count * (count - 1)) / 2);
  // The server has nothing against this client.
  for (const page of all) expect(page.closes).toEqual([]);
});

test.for([2, 3])('a room of %i: one loses its connection, comes back, and is called again', async (count) => {
  const all = pages(await build(), count);
  const sockets = all.map((page) => page.open());
  await allConnected(all);
  const [lost, ...others] = all;
  for (const page of all) page.news.length = 0;
  lost!.connected.clear();
  sockets[0]!.terminate();
  await until(() => others.every(({ news }) => news.length === 2));
  await allConnected(all);
  for (const { news } of others) expect(news).toEqual(['-anna', '+anna']);
  // Those who were there make the offers; the one who is back learns of nobody by `new-peer`.
  expect(lost!.news).toEqual([]);
});

test.for([2, 3])(
  'a room of %i: all lose their connections at once and find each other again',
  async (count) => {
    const all = pages(await build(), count);
    const sockets = all.map((page) => page.open());
    await allConnected(all);
    for (const page of all) page.connected.clear();
    for (const ws of sockets) ws.terminate();
    await allConnected(all);
  },
);

test.for([
  [2, 'closes the first socket before it is open', 'connecting'],
  [3, 'closes the first socket before it is open', 'connecting'],
  [2, 'closes the first socket once it is open', 'open'],
  [3, 'closes the first socket once it is open', 'open'],
  [2, 'closes the first socket when the second one has asked for the place', 'late'],
  [3, 'closes the first socket when the second one has asked for the place', 'late'],
] as const)('a room of %i: StrictMode opens two sockets for one peer id and %s', async ([count, , when]) => {
  const all = pages(await build(), count);
  const [strict, ...others] = all;
  for (const page of others) page.open();
  const first = strict!.open();
  if (when !== 'connecting') await new Promise((resolve) => first.once('message', resolve));
  if (when === 'late') {
    const second = strict!.open();
    await new Promise((resolve) => second.once('close', resolve));
    first.close();
  } else {
    first.close();
    strict!.open();
  }
  // The second one, if it came late, was refused before; what counts is what the first one's end leads to.
  const already = when === 'late' ? 1 : 0;
  await until(() => strict!.closes.length > already);
  await allConnected(all);

  // The closed one comes back, too, again and again, and must not disturb the one that sits.
  const refusals = () => strict!.closes.filter((code) => code === 4509).length;
  await until(() => refusals() > already);
  await allConnected(all);
  for (const page of all) page.news.length = 0;
  const before = refusals();
  await until(() => refusals() >= before + 5);
  for (const page of all) {
    expect(page.news, page.id).toEqual([]);
    expect(page.connected.size, page.id).toBe(count - 1);
  }
});

test('a page that lost its network without a word gets its place back when it is reloaded', async () => {
  const server = await build();
  const ben = new Page(server, 'ben');
  ben.open();
  const before = new Page(server, 'anna');
  before.open(false);
  await allConnected([ben, before]);
  ben.news.length = 0;
  const reloaded = new Page(server, 'anna');
  reloaded.open();
  await until(() => reloaded.connected.size === 1 && ben.connected.size === 1);
  // The socket of the page before was ended: only then the newcomer had its place.
  expect(before.closes[0]).toBe(1006);
  before.stop();
  expect(ben.news).toEqual(['-anna', '+anna']);
});
