import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Frame } from '../helper.ts';

/** What a frame of ours looks like on the wire; the defaults are those of a client that behaves. */
export interface FrameShape {
  fin?: boolean;
  /** Reserved bits, as they stand in the first byte: 0x40, 0x20, 0x10. */
  rsv?: number;
  masked?: boolean;
  /** The length that the header claims, if it is to lie. */
  length?: number;
}

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CONTINUATION = 0x0;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** One WebSocket frame as bytes (RFC 6455, section 5.2), a broken one if it is told so. */
export function frame(opcode: number, payload: Uint8Array | string = '', shape: FrameShape = {}): Buffer {
  const { fin = true, rsv = 0, masked = true, length } = shape;
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const head = [(fin ? 0x80 : 0) | rsv | opcode];
  const mask = masked ? 0x80 : 0;
  const long = Buffer.alloc(size < 126 ? 0 : size < 65_536 ? 2 : 8);
  if (long.length === 0) head.push(mask | size);
  else if (long.length === 2) {
    head.push(mask | 126);
    long.writeUInt16BE(size);
  } else {
    head.push(mask | 127);
    long.writeBigUInt64BE(BigInt(size));
  }
  if (!masked) return Buffer.concat([Buffer.from(head), long, data]);
  const key = randomBytes(4);
  for (let i = 0; i < data.length; i++) data[i]! ^= key[i & 3]!;
  return Buffer.concat([Buffer.from(head), long, key, data]);
}

/** A whole message in one text frame: a value as JSON, a string or bytes as they are. */
export function text(message: unknown): Buffer {
  const plain = typeof message === 'string' || message instanceof Uint8Array;
  return frame(TEXT, plain ? message : JSON.stringify(message));
}

/** The upgrade request for a path. */
export function upgrade(path: string): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/** A WebSocket client that can do everything wrong: what goes out are the bytes that it is given. */
export class RawSocket {
  readonly socket: Socket;
  /** The status line of the answer to the upgrade. */
  readonly opened: Promise<string>;
  /** How the server closed: 1005 without a code, 1006 if the connection ended without a close frame. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Text frames that came and were not asked for yet. */
  readonly unread: string[] = [];
  /** Payloads of the pongs that came. */
  readonly pongs: string[] = [];
  /** Pings that came. */
  pings = 0;
  /** Whether pings are answered. */
  answers = true;
  /** Whether nothing more can come. */
  ended = false;
  #wanted: PromiseWithResolvers<string>[] = [];
  #rest = Buffer.alloc(0);
  #open = Promise.withResolvers<string>();
  #close = Promise.withResolvers<{ code: number; reason: string }>();
  #upgraded = false;

  /** @param first what is sent at once; `upgrade(path)` as a rule */
  constructor(port: number, first: Uint8Array) {
    this.opened = this.#open.promise;
    this.closed = this.#close.promise;
    this.opened.catch(() => {});
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => this.#read(chunk as Buffer));
    this.socket.on('close', () => {
      this.ended = true;
      this.#close.resolve({ code: 1006, reason: '' });
      for (const wanted of this.#wanted) wanted.reject(new Error('closed, and nothing more comes'));
      this.#open.reject(new Error('closed before the handshake was through'));
    });
    if (first.length > 0) this.socket.write(first);
  }

  write(...frames: Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** One text frame. */
  send(message: unknown): void {
    this.write(text(message));
  }

  /** The next frame as the text that came; waits for it, and rejects if the connection has ended. */
  nextText(): Promise<string> {
    const text = this.unread.shift();
    if (text !== undefined) return Promise.resolve(text);
    if (this.ended) return Promise.reject(new Error('closed, and nothing more comes'));
    const wanted = Promise.withResolvers<string>();
    this.#wanted.push(wanted);
    return wanted.promise;
  }

  async next(): Promise<Frame> {
    return JSON.parse(await this.nextText());
  }

  async nextOf(type: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type) return frame;
    }
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (!this.#upgraded) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#upgraded = true;
      this.#open.resolve(this.#rest.subarray(0, this.#rest.indexOf('\r\n')).toString());
      this.#rest = this.#rest.subarray(end + 4);
    }
    while (this.#frame());
  }

  /** Takes one frame of the server's, which are neither masked nor fragmented, if it is complete. */
  #frame(): boolean {
    const bytes = this.#rest;
    if (bytes.length < 2) return false;
    const short = bytes[1]!;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < head) return false;
    const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : bytes.readUInt32BE(6);
    if (bytes.length < head + size) return false;
    this.#rest = bytes.subarray(head + size);
    this.#take(bytes[0]! & 0x0f, bytes.subarray(head, head + size));
    return true;
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === TEXT) {
      const wanted = this.#wanted.shift();
      if (wanted) wanted.resolve(payload.toString());
      else this.unread.push(payload.toString());
    } else if (opcode === PING) {
      this.pings++;
      if (this.answers) this.write(frame(PONG, payload));
    } else if (opcode === PONG) {
      this.pongs.push(payload.toString());
    } else if (opcode === CLOSE) {
      const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.#close.resolve({ code, reason: payload.subarray(2).toString() });
      this.socket.end(frame(CLOSE, payload.subarray(0, 2)));
    }
  }
}
