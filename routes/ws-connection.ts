import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Connection } from '../src/rooms/connection.ts';
import { textFrame } from './text-frame.ts';
import { corkUntilTickEnds } from './tick-cork.ts';

/**
 * A WebSocket of the ws library as the rooms want it. Text frames go past the library to the TCP socket: there
 * are no extensions, so it would only put a header in front, and write that on its own.
 */
export class WsConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #transport: Socket;

  /** @param transport the TCP socket under it */
  constructor(socket: WebSocket, transport: Socket) {
    this.#socket = socket;
    this.#transport = transport;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  get received(): number {
    return this.#transport.bytesRead;
  }

  send(frame: Uint8Array): void {
    corkUntilTickEnds(this.#transport);
    this.#transport.write(textFrame(frame));
  }

  flush(): void {
    this.#transport.uncork();
  }

  ping(mark = ''): void {
    if (this.open) this.#socket.ping(mark);
  }

  pong(data: Uint8Array): void {
    if (this.open) this.#socket.pong(data);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** The close code that ws sends for what it can't read. */
export function codeOf(error: Error & { code?: string }): number {
  switch (error.code) {
    case 'WS_ERR_INVALID_UTF8':
      return 1007;
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return 1008;
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return 1009;
    default:
      return error.code?.startsWith('WS_ERR_') ? 1002 : 1006;
  }
}
