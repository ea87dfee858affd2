import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Emitter } from '../../client/src/emitter.ts';
import { type Call, createCall, type Room } from '../../client/src/index.ts';
import type { RoomEvents, RoomPeer } from '../../client/src/types.ts';
import { FakePeerConnection, FakeStream } from './fake-peer-connection.ts';

/** What can happen next, in whichever order; each takes place when it is chosen. */
let possible: (() => void)[] = [];
const turn = () => new Promise<void>((resolve) => possible.push(resolve));
let made = 0;

/** A connection that takes as long as it likes for each step, and for ever once it is closed. */
class SlowPeerConnection extends FakePeerConnection {
  readonly #name = `connection ${++made}`;

  override async setLocalDescription(): Promise<void> {
    await this.#turn();
    await super.setLocalDescription();
    this.localDescription!.sdp += ` of ${this.#name}`;
    // Its first candidate, or that there is none.
    void this.#turn().then(() => this.dispatchEvent(new Event('icecandidate')));
  }

  override async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    await this.#turn();
    await super.setRemoteDescription(description);
  }

  async #turn(): Promise<void> {
    await turn();
    if (this.signalingState === 'closed') await new Promise(() => {});
  }
}

/** A room with one other peer: what they say arrives in order, some time, and waits until somebody listens. */
class Side extends Emitter<RoomEvents> {
  readonly status = 'connected';
  readonly iceServers = [];
  readonly peerId: string;
  readonly arrivals: RoomEvents['peer-joined'][];
  other!: Side;
  /** What is on its way to it, the first first. */
  readonly coming: (() => void)[] = [];
  /** What it is yet to do. */
  readonly acts: (() => void)[];
  call: Call | undefined;
  readonly errors: string[] = [];
  readonly #peer: RoomPeer;
  readonly #arrived: RoomEvents['signal'][] = [];

  /** @param calls how many it makes; all but the last it ends */
  constructor(peerId: string, id: string, offer: boolean, calls: number) {
    super();
    const acts = Array.from({ length: calls }, () => [() => this.begin(), () => this.call!.close()]).flat();
    this.acts = acts.slice(0, -1);
    this.peerId = peerId;
    this.#peer = { id, session: 's', dialect: 'v1', status: 'here', state: {} };
    this.arrivals = [{ peer: this.#peer, offer }];
  }

  override on<E extends keyof RoomEvents>(
    event: E,
    listener: (event: RoomEvents[E]) => void,
    options?: object,
  ) {
    if (event === 'signal') queueMicrotask(() => this.#release());
    return super.on(event, listener, options);
  }

  async send(_to: string, type: RoomEvents['signal']['type'], data: object): Promise<void> {
    const { other } = this;
    other.coming.push(() => {
      other.#arrived.push({ type, from: other.#peer, data });
      other.#release();
    });
  }

  report(): void {}

  begin(): void {
    this.call = createCall(this as unknown as Room);
    this.call.on('error', ({ error }) => this.errors.push(error.message));
  }

  /** Who the connection of the call is connected to: the name that the other side's description bears. */
  get connected(): { own: string; theirs: string } {
    const pc = this.call!.connections.get(this.#peer.id) as unknown as SlowPeerConnection;
    const named = (sdp = '') => sdp.split(' of ')[1] ?? '';
    return {
      own: pc?.signalingState === 'stable' ? named(pc.localDescription?.sdp) : '',
      theirs: named(pc?.remoteDescription?.sdp),
    };
  }

  #release(): void {
    while (this.isHeard('signal') && this.#arrived.length > 0) this.emit('signal', this.#arrived.shift()!);
  }
}

/** Lets things happen, one at a time, as the numbers choose, until nothing is left that could. */
async function run(sides: Side[], choose: (count: number) => number) {
  for (;;) {
    await new Promise(setImmediate);
    const next = sides.flatMap(({ acts, coming }) => [acts, coming]).filter(({ length }) => length > 0);
    const count = next.length + possible.length;
    if (count === 0) return;
    const chosen = choose(count);
    if (chosen < next.length) next[chosen]!.shift()!();
    else possible.splice(chosen - next.length, 1)[0]!();
  }
}

test('two that call, hang up and call again are connected in the end, whatever overtakes what', async () => {
  vi.stubGlobal('RTCPeerConnection', SlowPeerConnection);
  vi.stubGlobal('MediaStream', FakeStream);
  onTestFinished(() => void vi.unstubAllGlobals());
  const times = fc.integer({ min: 1, max: 4 });
  const choices = fc.infiniteStream(fc.nat());
  await fc.assert(
    fc.asyncProperty(times, times, fc.boolean(), choices, async (first, second, offers, numbers) => {
      possible = [];
      const [a, b] = [new Side('a', 'b', offers, first), new Side('b', 'a', !offers, second)];
      [a.other, b.other] = [b, a];
      await run([a, b], (count) => numbers.next().value % count);
      expect(a.connected.own).not.toBe('');
      expect(a.connected).toEqual({ own: b.connected.theirs, theirs: b.connected.own });
      expect([...a.errors, ...b.errors]).toEqual([]);
      for (const side of [a, b]) side.call!.close();
    }),
    { numRuns: 1000 },
  );
});
