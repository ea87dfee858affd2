import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** One WebSocket frame as it came from the server (RFC 6455, section 5.2). */
export interface RawFrame {
  opcode: number;
  payload: Buffer;
}

/**
 * A client made of a TCP socket alone: it does the handshake and then only what a test says. It answers no
 * ping and no close frame, as one whose network is gone.
 */
export class RawClient {
  readonly socket: Socket;
  /** Everything that came after the handshake. */
  readonly frames: RawFrame[] = [];
  #bytes = Buffer.alloc(0);
  #open = false;

  /** @param glued what is sent in the same packet as the upgrade request */
  constructor(server: { port: number }, path: string, glued: Buffer[] = []) {
    this.socket = connect(server.port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => this.#read(chunk as Buffer));
    onTestFinished(() => void this.socket.destroy());
    const head = [
      `GET ${path} HTTP/1.1`,
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    this.socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...glued]));
  }

  /** Resolves with the first frame that `wanted` says yes to. */
  async frame(wanted: (frame: RawFrame) => boolean): Promise<RawFrame> {
    for (;;) {
      const found = this.frames.find(wanted);
      if (found) return found;
      await once(this.socket, 'data');
    }
  }

  /** The first text frame, parsed. */
  async hello(): Promise<unknown> {
    const { payload } = await this.frame(({ opcode }) => opcode === 1);
    return JSON.parse(payload.toString());
  }

  /** The code of the close frame. */
  async closeCode(): Promise<number> {
    const { payload } = await this.frame(({ opcode }) => opcode === 8);
    return payload.readUInt16BE(0);
  }

  #read(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (!this.#open) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#open = true;
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    for (;;) {
      const bytes = this.#bytes;
      const short = bytes.length < 2 ? 0 : bytes[1]!;
      const at = short === 126 ? 4 : 2;
      if (bytes.length < at) return;
      const end = at + (short === 126 ? bytes.readUInt16BE(2) : short);
      if (bytes.length < end) return;
      this.frames.push({ opcode: bytes[0]! & 15, payload: bytes.subarray(at, end) });
      this.#bytes = bytes.subarray(end);
    }
  }
}

/** A client's text frame, masked with zeros, which leave the text as it is. */
export function textFrame(message: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(payload.length < 126 ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (payload.length < 126 ? payload.length : 126);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
