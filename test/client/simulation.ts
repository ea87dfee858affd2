import { seeded, VirtualClock } from './virtual-clock.ts';
import { VirtualServer, type Weather, Wire } from './virtual-network.ts';
import { Page } from './virtual-page.ts';

/** What goes wrong. */
type Fault = {
  /** Milliseconds from the beginning. */
  at: number;
  kind:
    | 'cut' // a socket ends
    | 'half-open' // a socket ends, and nobody is told
    | 'offline' // a client has no network
    | 'stall' // everything from and to one client is late
    | 'kill' // the server dies and is started again, without memory
    | 'drain' // the server moves everybody to its successor
    | 'reload' // a page is loaded again
    | 'crash'; // the same, without a word to the server
  /** Whom it hits. */
  peer: number;
  /** How long. */
  ms: number;
};

const KINDS: Fault['kind'][] = ['cut', 'half-open', 'offline', 'stall', 'kill', 'drain', 'reload', 'crash'];
const TYPES = ['offer', 'answer', 'ice'] as const;
const PEERS = ['a', 'b', 'c', 'd'];
/** How long the pages talk, ms. */
const TALK = 20_000;
/** How long after that everything has to have come to rest, ms. */
const REST = 180_000;

/** One run, as its seed has it. */
export interface Plan {
  peers: number;
  graceSeconds: number;
  heartbeatSeconds: number;
  loss: number;
  repeats: number;
  slowest: number;
  faults: Fault[];
}

function plan(random: () => number): Plan {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const kinds = KINDS.filter(() => random() < 0.5);
  const count = kinds.length === 0 ? 0 : Math.floor(random() * 8);
  const peers = pick([2, 2, 3, 4]);
  const graceSeconds = pick([4, 10, 30]);
  return {
    peers,
    graceSeconds,
    heartbeatSeconds: pick([4, 8, 25]),
    loss: pick([0, 0, 0.1, 0.4]),
    repeats: pick([0, 0, 0.1, 0.4]),
    slowest: pick([20, 100, 500]),
    faults: Array.from({ length: count }, () => ({
      at: Math.round(random() * TALK),
      kind: pick(kinds),
      peer: Math.floor(random() * peers),
      ms: Math.round(random() * pick([1000, 5000, 20_000, 1.5 * graceSeconds * 1000])),
    })).sort((one, other) => one.at - other.at),
  };
}

/** Runs one seed. @returns what was wrong, and the plan */
export async function simulate(seed: number): Promise<{ wrong: string[]; plan: Plan }> {
  const random = seeded(seed);
  const planned = plan(random);
  const clock = new VirtualClock();
  const uninstall = clock.install(seeded(seed ^ 0x5eed));
  try {
    return { wrong: await new World(clock, random, planned).run(), plan: planned };
  } finally {
    uninstall();
  }
}

/** A room of pages on the real library, at the real rooms of a server, over a network that fails. */
class World {
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #plan: Plan;
  readonly #weather: Weather[];
  readonly #wires: Wire[][];
  /** Each peer's pages, one after the other. */
  readonly #pages: Page[][];
  /** When a server was moving its peers to another one. */
  readonly #drains: { from: number; to: number }[] = [];
  #server: VirtualServer;

  constructor(clock: VirtualClock, random: () => number, planned: Plan) {
    this.#clock = clock;
    this.#random = random;
    this.#plan = planned;
    this.#server = this.#boot();
    const { loss, repeats, slowest } = planned;
    const peers = PEERS.slice(0, planned.peers);
    this.#weather = peers.map(() => ({
      random,
      loss,
      repeats,
      latency: [1, slowest],
      deadUntil: 0,
      stalledUntil: 0,
      relayed: 0,
    }));
    this.#wires = peers.map(() => []);
    this.#pages = peers.map(() => []);
  }

  async run(): Promise<string[]> {
    const { faults } = this.#plan;
    for (const [peer] of this.#pages.entries())
      this.#clock.after(Math.round(this.#random() * 2000), () => this.#load(peer));
    for (const fault of faults) this.#clock.after(fault.at, () => this.#strike(fault));
    this.#talk();
    await this.#clock.pass(TALK);
    for (const weather of this.#weather)
      Object.assign(weather, { loss: 0, repeats: 0, deadUntil: 0, stalledUntil: 0 });
    // Until the last half-open socket was found out, and the last late frame has come.
    const late = Math.max(0, ...faults.map(({ at, ms }) => at + ms - TALK));
    const hidden = faults.some(({ kind }) => ['half-open', 'offline', 'stall'].includes(kind));
    await this.#clock.pass(late + (hidden ? (this.#plan.heartbeatSeconds + 12) * 1000 : 2000));
    const rested = await this.#clock.until(() => this.#isAtRest(), REST);
    await this.#clock.pass(3000); // what is still on its way
    const said = this.#said;
    await this.#clock.pass(3000);
    const wrong = [
      ...this.#all.flatMap((page) => page.wrong),
      ...(rested ? [] : ['no rest']),
      ...(said === this.#said ? [] : ['they go on when all is said']),
      ...this.#unrest(),
      ...this.#judge(),
    ];
    for (const page of this.#open) page.unload();
    this.#server.kill();
    return wrong;
  }

  /** How many messages between clients there were. */
  get #said(): number {
    return this.#weather.reduce((sum, { relayed }) => sum + relayed, 0);
  }

  get #all(): Page[] {
    return this.#pages.flat();
  }

  get #open(): Page[] {
    return this.#all.filter(({ open }) => open);
  }

  #boot(): VirtualServer {
    return new VirtualServer(this.#plan.graceSeconds, this.#plan.heartbeatSeconds);
  }

  #load(peer: number): void {
    const lives = this.#pages[peer]!;
    if (lives.at(-1)?.open) return;
    const page = new Page(PEERS[peer]!, lives.length + 1, (url, offered) => {
      const wires = this.#wires[peer]!;
      const name = `${PEERS[peer]}-${wires.length}`;
      const wire = new Wire(this.#clock, this.#weather[peer]!, this.#server, name, url, offered);
      wire.onHeard = () => page.heard();
      wires.push(wire);
      return wire.client as unknown as WebSocket;
    });
    lives.push(page);
  }

  #talk(): void {
    this.#clock.after(Math.round(this.#random() * 300), () => {
      const page = this.#open[Math.floor(this.#random() * this.#open.length)];
      const others = page?.room.peers ?? [];
      const to = others[Math.floor(this.#random() * others.length)]?.id;
      const what = this.#random();
      if (!page) return this.#talk();
      if (what < 0.7 && to) page.signal(to, TYPES[Math.floor(this.#random() * 3)]!);
      else if (what < 0.9) page.chat();
      else if (what < 0.95 && to) page.chat(to);
      else page.show();
      if (this.#clock.now - this.#started < TALK) this.#talk();
    });
  }

  readonly #started = Date.now();

  #strike({ kind, peer, ms }: Fault): void {
    const wire = this.#wires[peer]!.at(-1);
    const page = this.#pages[peer]!.at(-1);
    const old = this.#server;
    switch (kind) {
      case 'cut':
        return wire?.cut();
      case 'half-open':
        return wire?.halfOpen();
      case 'offline':
        this.#weather[peer]!.deadUntil = this.#clock.now + ms;
        for (const one of this.#wires[peer]!) one.halfOpen();
        return;
      case 'stall':
        this.#weather[peer]!.stalledUntil = this.#clock.now + ms;
        return;
      case 'kill':
        old.kill();
        this.#clock.after(ms / 4, () => {
          if (this.#server === old) this.#server = this.#boot();
        });
        return;
      case 'drain':
        if (!old.alive || old.rooms.draining) return;
        this.#server = this.#boot();
        void old.drain(this.#plan.graceSeconds / 2);
        this.#drains.push({
          from: this.#clock.now,
          to: this.#clock.now + this.#plan.graceSeconds * 500 + 2000,
        });
        return;
      case 'reload':
      case 'crash':
        if (!page?.open) return;
        if (kind === 'crash') for (const one of this.#wires[peer]!) one.cut();
        for (const one of this.#wires[peer]!) one.unload();
        page.unload();
        this.#clock.after(ms / 4, () => this.#load(peer));
    }
  }

  #isAtRest(): boolean {
    return this.#unrest().length === 0;
  }

  /** What is not yet as it has to be in the end. */
  #unrest(): string[] {
    const open = this.#open;
    const still: string[] = [];
    if (open.length < this.#plan.peers) still.push('somebody is not there');
    for (const page of open) {
      const { room, name } = page;
      if (room.status !== 'connected') still.push(`${name} is ${room.status}`);
      const rest = open.filter((one) => one !== page);
      const others = rest.map((one) => `${one.room.peerId} ${one.room.session} here ${one.state}`).sort();
      const seen = room.peers.map(
        ({ id, session, status, state }) => `${id} ${session} ${status} ${state.n ?? 0}`,
      );
      if (seen.sort().join() !== others.join())
        still.push(`${name} sees ${seen.join()} and not ${others.join()}`);
      for (const { n, session, outcome } of page.sent)
        if (outcome === 'waiting') still.push(`${name}'s signal ${n} to ${session} still waits`);
      for (const { n, echoedAt, refused } of page.said)
        if (echoedAt === undefined && !refused) still.push(`${name}'s chat ${n} still waits`);
    }
    return still;
  }

  #judge(): string[] {
    return [...this.#judgeSignals(), ...this.#judgeChats(), ...this.#judgePartings(), ...this.#judgeOffers()];
  }

  /** Each once, or reported as failed. */
  *#judgeSignals(): Generator<string> {
    for (const sender of this.#all) {
      for (const { page, n, session, outcome } of sender.sent) {
        const receiver = this.#all.find((one) => one.room.session === session);
        const times = receiver?.signals.get(page)?.filter((one) => one === n).length ?? 0;
        if (outcome === 'delivered' && times !== 1)
          yield `${page}'s signal ${n} was delivered ${times} times`;
        else if (outcome !== 'delivered' && !['peer-left', 'aborted', 'waiting'].includes(outcome))
          yield `${page}'s signal ${n} failed with ${outcome}`;
      }
    }
  }

  /** Each once for everyone who stayed, unless a gap was told; and in one order, where no server was new. */
  *#judgeChats(): Generator<string> {
    const restarts = this.#plan.faults.some(({ kind }) => kind === 'kill' || kind === 'drain');
    for (const page of this.#open) {
      if (!restarts && !this.#wasLong(page) && page.lastGapAt > 0) yield `${page.name} was told of a gap`;
      const numbers = page.chats.flatMap(({ seq }) => seq ?? []);
      if (!restarts && numbers.some((seq, at) => at > 0 && seq <= numbers[at - 1]!))
        yield `${page.name} got the chat out of order: ${numbers.join()}`;
      for (const said of this.#all.flatMap((one) => one.said)) {
        if (said.to !== undefined || said.echoedAt === undefined || said.echoedAt <= page.lastGapAt) continue;
        if (said.echoedAt < page.joinedAt) continue;
        // Between two servers that share nothing a message reaches those who are still where it was said.
        if (this.#drains.some(({ from, to }) => said.echoedAt! >= from && said.echoedAt! <= to)) continue;
        if (!page.chats.some((one) => one.page === said.page && one.n === said.n))
          yield `${page.name} never got ${said.page}'s chat ${said.n}`;
      }
    }
  }

  /** Nobody is seen to leave that came back within its grace; in a drain alone, nobody is seen to go at all. */
  *#judgePartings(): Generator<string> {
    const onlyDrains = this.#plan.faults.every(({ kind }) => kind === 'drain');
    for (const page of this.#all) {
      for (const { event, session } of page.partings) {
        const other = this.#all.find((one) => one.room.session === session);
        if (onlyDrains) yield `${page.name} saw ${event} of ${other?.name}`;
        else if (event === 'peer-left' && other?.open && !this.#wasLong(other) && !this.#wasLong(page))
          yield `${page.name} saw ${other.name} leave, which was silent for ${other.silence()} ms at most`;
      }
    }
  }

  /** Whether a page was away for its grace: the others have seen it leave, and so it has parted from all. */
  #wasLong(page: Page): boolean {
    return page.silence() >= this.#plan.graceSeconds * 1000;
  }

  /** Of two that have met one makes the offer. */
  *#judgeOffers(): Generator<string> {
    for (const page of this.#open) {
      for (const other of this.#open) {
        if (page.name >= other.name) continue;
        const offers = [
          page.present.get(other.room.peerId)?.offer,
          other.present.get(page.room.peerId)?.offer,
        ];
        if (offers.includes(undefined)) continue; // said already
        if (offers[0] === offers[1]) yield `${page.name} and ${other.name}: both offer: ${offers[0]}`;
      }
    }
  }
}
