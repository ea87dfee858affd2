import { MemoryCluster } from '../../src/cluster/memory.ts';
import type { Connection } from '../../src/rooms/connection.ts';
import type { Limits } from '../../src/rooms/limits.ts';
import type { Log } from '../../src/rooms/log.ts';
import { Rooms } from '../../src/rooms/rooms.ts';
import type { Frame } from '../helper.ts';

/** A connection without a socket: records what the rooms do with it. */
export class FakeConnection implements Connection {
  open = true;
  buffered = 0;
  received = 200; // the handshake's own bytes
  readonly frames: Frame[] = [];
  pings = 0;
  paused = false;
  terminated = false;
  closedWith: { code: number; reason: string } | undefined;
  /** What the other side does when it is pinged. */
  onPing: ((mark: string) => void) | undefined;

  send(frame: Uint8Array): void {
    this.frames.push(JSON.parse(Buffer.from(frame).toString()));
  }

  flush(): void {}

  ping(mark = ''): void {
    this.pings++;
    this.onPing?.(mark);
  }

  pong(): void {}

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(code: number, reason: string): void {
    this.open = false;
    this.closedWith = { code, reason };
  }

  terminate(): void {
    this.open = false;
    this.terminated = true;
  }
}

const quiet: Log = { level: 'silent', trace() {}, info() {}, warn() {}, error() {} };

/** Rooms without limits, but for those given. */
export function fakeRooms(limits: Partial<Limits> = {}): Rooms {
  const none: Limits = {
    bufferedBytes: 0,
    peersPerRoom: 0,
    peers: 0,
    messageRate: 0,
    messageBurst: 0,
    byteRate: 0,
    byteBurst: 0,
  };
  return new Rooms({ ...none, ...limits }, quiet, new MemoryCluster());
}
