import { expect } from 'vitest';
import { build, type TestServer, TestSocket, until } from '../helper.ts';
import { RawSocket, upgrade } from './raw.ts';

/** A server under torture, and those who torture it. */
export interface Scene {
  server: TestServer;
  /** A raw client that has joined and read its first `peers`. */
  raw(room: string, peer: string): Promise<RawSocket>;
  /** A raw client that has sent these bytes and nothing else. */
  rawWith(first: Uint8Array): RawSocket;
  /** A client that behaves and has read its first `peers`. */
  join(room: string, peer: string): Promise<TestSocket>;
}

/**
 * Starts a server, lets a pair of peers talk in a room of their own while `act` does its worst, and checks
 * that the pair lost nothing and that nothing stays behind.
 *
 * @param pace the pair's pause between two rounds, ms
 */
export async function torture(
  env: Record<string, string>,
  act: (scene: Scene) => Promise<void>,
  pace = 20,
): Promise<void> {
  const server = await build({ JOIN_RATE: '0', ...env });
  const { rooms } = server.app;
  const sockets: TestSocket[] = [];
  const raws: RawSocket[] = [];

  async function join(room: string, peer: string): Promise<TestSocket> {
    const path = `/ws/${encodeURIComponent(room)}/${encodeURIComponent(peer)}`;
    const socket = new TestSocket(`ws://127.0.0.1:${server.port}${path}`);
    sockets.push(socket);
    await socket.opened();
    await socket.nextOf('peers');
    return socket;
  }

  function rawWith(first: Uint8Array): RawSocket {
    const raw = new RawSocket(server.port, first);
    raws.push(raw);
    return raw;
  }

  async function raw(room: string, peer: string): Promise<RawSocket> {
    const opened = rawWith(upgrade(`/ws/${encodeURIComponent(room)}/${encodeURIComponent(peer)}`));
    expect(await opened.opened).toBe('HTTP/1.1 101 Switching Protocols');
    expect((await opened.next()).type).toBe('peers');
    return opened;
  }

  const pair = [await join('the bystanders', 'left'), await join('the bystanders', 'right')] as const;
  const talk = new Talk(pair[0], pair[1], pace);
  try {
    await act({ server, raw, rawWith, join });
    await talk.stop();
    for (const socket of sockets.slice(2)) socket.ws.terminate();
    for (const raw of raws) raw.socket.destroy();
    // Only the bystanders are left, whatever went on.
    await until(() => rooms.census.peers === 2 && rooms.sessions.size === 2);
    expect(rooms.census.rooms).toBe(1);
  } finally {
    for (const socket of sockets) socket.ws.terminate();
    for (const raw of raws) raw.socket.destroy();
  }
  await until(() => rooms.census.peers === 0 && rooms.sessions.size === 0);
  expect(rooms.census.rooms).toBe(0);
  expect(rooms.list(undefined, 10)).toEqual([]);
}

/** Two peers who answer each other without end, and notice whatever is lost, late or not theirs. */
class Talk {
  #rounds = 0;
  #going = true;
  readonly #over: Promise<void>;

  constructor(left: TestSocket, right: TestSocket, pace: number) {
    const closed = Promise.race([left.closed, right.closed]).then(({ code }) => {
      throw new Error(`a bystander was closed with ${code}`);
    });
    const over = this.#talk(left, right, pace);
    this.#over = Promise.race([over, closed]);
    // A failure is for `stop` to tell.
    for (const promise of [over, closed, this.#over]) promise.catch(() => {});
  }

  async #talk(left: TestSocket, right: TestSocket, pace: number): Promise<void> {
    const { type } = await left.next();
    expect(type).toBe('new-peer');
    expect((await left.next()).type).toBe('peers');
    while (this.#going) {
      const n = this.#rounds;
      left.send({ type: 'offer', to: 'right', data: n });
      expect(await right.next()).toEqual(offer('offer', 'left', 'right', n));
      right.send({ type: 'answer', to: 'left', data: n });
      expect(await left.next()).toEqual(offer('answer', 'right', 'left', n));
      this.#rounds++;
      await new Promise((resolve) => setTimeout(resolve, pace));
    }
    expect(await left.flush()).toEqual([]);
    expect(await right.flush()).toEqual([]);
  }

  /** Ends the talk after one more round; throws if anything was lost. */
  async stop(): Promise<void> {
    const last = this.#rounds + 1;
    await Promise.race([this.#over, until(() => this.#rounds > last)]);
    this.#going = false;
    await this.#over;
  }
}

function offer(type: string, from: string, to: string, data: number) {
  return { type, room: 'the bystanders', from, to, data };
}
