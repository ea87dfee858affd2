import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import { PlainPeer } from './plain-peer.ts';
import type { Site } from './site.ts';
import type { Stay } from './stay.ts';
import { V1Peer } from './v1-peer.ts';

/** How long all may take to find together again, ms: a client may wait 20 s before it tries once more. */
const PATIENCE = 60_000;
/** And what is said when all is well to arrive. */
const PROMPTLY = 15_000;

/** Quiet moments: nothing is broken, and nobody says anything, so that all must agree. */
export class Quiet {
  /** Whether it is one now. */
  is = true;
  readonly #site: Site;
  readonly #peers: (V1Peer | PlainPeer)[];
  readonly #ledger: Ledger;

  constructor(site: Site, peers: (V1Peer | PlainPeer)[], ledger: Ledger) {
    this.#site = site;
    this.#peers = peers;
    this.#ledger = ledger;
  }

  pause(is: boolean): void {
    this.is = is;
  }

  /** The runs of v1 peers that go on, by their sessions. */
  get stays(): Map<string, Stay> {
    return new Map(
      this.#v1.flatMap(({ stay }) => (stay && stay.session !== '' ? [[stay.session, stay]] : [])),
    );
  }

  /** Waits until all agree, lets everybody say something to everybody, and judges what was said so far. */
  async settle(): Promise<void> {
    await this.#until('be connected, and agree', PATIENCE, () => this.#disagreements());
    await this.#until('hear what became of what it said', PROMPTLY, () => this.#ledger.pending);
    await this.#until('have got what was delivered', PROMPTLY, () => this.#ledger.missing);
    this.#ledger.close();
    await this.#everybodyToEverybody();
    this.#pairs();
    this.#ledger.count('quiet moments');
  }

  get #v1(): V1Peer[] {
    return this.#peers.filter((peer) => peer instanceof V1Peer);
  }

  get #plain(): PlainPeer[] {
    return this.#peers.filter((peer) => peer instanceof PlainPeer);
  }

  /** Where what somebody knows is not how it is. */
  async #disagreements(): Promise<string[]> {
    const found: string[] = [];
    for (const url of this.#site.urls) {
      const stats = await fetch(`${url}/stats`).then((answer) => answer.json());
      const { totalPeers, away, roomCount, scope, instances } = stats as Record<string, unknown>;
      const said = JSON.stringify({ totalPeers, away, roomCount, scope, instances });
      const rooms = new Set(this.#peers.map(({ roomId }) => roomId)).size;
      const right = { totalPeers: this.#peers.length, away: 0, roomCount: rooms, scope: 'cluster' };
      const all = this.#site.urls.length;
      const counts = { heard: all, expected: all, complete: true };
      if (said !== JSON.stringify({ ...right, instances: counts })) found.push(`${url}/stats: ${said}`);
    }
    for (const peer of this.#peers) {
      if (!peer.ready || !peer.roster) {
        found.push(`${peer.roomId}/${peer.id} is not connected`);
        continue;
      }
      const room = this.#peers.filter(({ roomId }) => roomId === peer.roomId);
      const ids = room.map(({ id }) => id).toSorted();
      const known = [...peer.roster.sessions.keys()].toSorted();
      if (known.join() !== ids.join()) found.push(`${peer.stay?.name} was told of ${known}`);
      if (peer instanceof V1Peer) found.push(...this.#wrongViews(peer, room));
    }
    return found;
  }

  /** What the application of a v1 peer sees, and others do not show. */
  #wrongViews(peer: V1Peer, room: (V1Peer | PlainPeer)[]): string[] {
    const seen = new Map(peer.client?.peers.map((one) => [one.id, one]));
    return room.flatMap((other) => {
      if (other === peer) return [];
      const one = seen.get(other.id);
      const about = `${peer.stay?.name} sees ${other.stay?.name}`;
      if (one?.status !== 'here') return [`${about} as ${one?.status ?? 'not there'}`];
      if (!(other instanceof V1Peer)) return [];
      if (one.session !== other.session) return [`${about} under another session`];
      return one.state.n === other.state ? [] : [`${about} in state ${one.state.n}, not ${other.state}`];
    });
  }

  async #everybodyToEverybody(): Promise<void> {
    const { stays } = this;
    for (const peer of this.#v1) {
      for (const to of peer.client!.peers) peer.signal(to, stays);
      peer.chat(stays);
    }
    const expected = new Map<Stay, number>();
    for (const peer of this.#peers) {
      const others = this.#peers.filter(({ roomId }) => roomId === peer.roomId);
      expected.set(peer.stay!, peer.stay!.got.size + 2 * others.length - 1);
    }
    for (const peer of this.#plain) {
      for (const to of peer.roster!.sessions.keys()) if (to !== peer.id) peer.signal(to);
      peer.chat();
      peer.ask();
    }
    await this.#until('hear everybody', PROMPTLY, () => [
      ...this.#ledger.pending,
      ...[...expected].flatMap(([stay, n]) =>
        stay.got.size < n ? [`${stay.name}: ${n - stay.got.size} missing`] : [],
      ),
    ]);
    for (const missing of this.#ledger.missing) this.#ledger.complain(`in quiet: ${missing} is missing`);
    this.#ledger.close();
  }

  /** Of any two exactly one was told of the other by `new-peer`; of two v1 peers one at least makes the offer. */
  #pairs(): void {
    for (const a of this.#peers) {
      for (const b of this.#peers) {
        if (a.roomId !== b.roomId || a.id >= b.id) continue;
        const told = [a, b].filter((one) => one.roster?.arrived.has(one === a ? b.id : a.id)).length;
        this.#ledger.count('pairs');
        if (a instanceof PlainPeer && b instanceof PlainPeer) {
          if (told !== 1)
            this.#ledger.complain(`${told} of ${a.stay?.name} and ${b.stay?.name} got new-peer`);
        } else if (a instanceof V1Peer && b instanceof V1Peer) {
          const offers = [a, b].filter((one) =>
            one.client?.arrivals.some(({ peer, offer }) => offer && peer.id === (one === a ? b.id : a.id)),
          );
          if (offers.length !== 1)
            this.#ledger.complain(`${offers.length} of ${a.stay?.name} and ${b.stay?.name} make the offer`);
        }
      }
    }
    for (const room of new Set(this.#plain.map(({ roomId }) => roomId))) {
      const orders = new Set(this.#plain.filter(({ roomId }) => roomId === room).map(({ order }) => order));
      this.#ledger.count('orders of joining');
      if (orders.size !== 1)
        this.#ledger.complain(`the order of joining in ${room} is ${[...orders].join(' or ')}`);
    }
  }

  /** Waits until nothing is amiss any more. @throws Error with what is, if that takes too long */
  async #until(what: string, patience: number, amiss: () => string[] | Promise<string[]>): Promise<void> {
    const end = Date.now() + patience;
    for (;;) {
      const found = await Promise.resolve(amiss()).catch((error: Error) => [error.message]);
      if (found.length === 0) return;
      if (Date.now() > end) {
        for (const text of found.slice(0, 10))
          this.#ledger.complain(`did not ${what} in ${patience / 1000} s: ${text}`);
        throw new Error(`did not ${what}`);
      }
      await delay(100);
    }
  }
}
