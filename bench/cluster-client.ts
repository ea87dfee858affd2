import { WebSocket } from 'ws';

/** A peer that does as little as possible with what it gets. */
export class Client {
  readonly id: string;
  /** Is called for each frame after the first. */
  heard: (text: string) => void = () => {};
  readonly #socket: WebSocket;

  private constructor(id: string, socket: WebSocket) {
    this.id = id;
    this.#socket = socket;
  }

  /** Resolves when its first frame has come. */
  static join(port: number, room: string, id: string, v1 = false): Promise<Client> {
    const url = `ws://127.0.0.1:${port}/ws/${room}/${id}`;
    const socket = new WebSocket(url, v1 ? ['record-meet.v1'] : [], { perMessageDeflate: false });
    const client = new Client(id, socket);
    return new Promise((resolve, reject) => {
      let joined = false;
      socket.on('message', (data) => {
        if (joined) return client.heard(data.toString());
        joined = true;
        resolve(client);
      });
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    });
  }

  send(message: string): void {
    this.#socket.send(message);
  }

  /** Resolves when a frame of this type comes. */
  next(type: string): Promise<void> {
    return new Promise((resolve) => {
      this.heard = (text) => {
        if (text.startsWith(`{"type":"${type}"`)) resolve();
      };
    });
  }

  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.on('close', () => resolve());
      this.#socket.close(1000);
    });
  }
}

/** Does `work` for each number below `count`, so many at a time. */
export async function inParallel(
  count: number,
  atOnce: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The value below which this part of the sorted ones is. */
export function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
