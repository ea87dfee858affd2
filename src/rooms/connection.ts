/** A peer's socket, as the rooms see it. */
export interface Connection {
  /** Whether frames still go out: false once either side has begun to close. */
  readonly open: boolean;
  /** Bytes that wait to be taken by this peer. */
  readonly buffered: number;
  /** Bytes that came from this peer so far, of whatever kind. */
  readonly received: number;
  /** Sends one text frame, at the latest when the tick ends. The bytes are not copied: who sends them never changes them. */
  send(frame: Uint8Array): void;
  /** Sends now what would wait for the end of the tick. */
  flush(): void;
  /** Asks for a sign of life (RFC 6455, section 5.5.2); the answer carries the same mark. */
  ping(mark?: string): void;
  /** Answers a ping with what it carried. */
  pong(data: Uint8Array): void;
  /** Stops reading until `resume`; what was read already may still come. */
  pause(): void;
  resume(): void;
  /** Begins the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends the connection without one. */
  terminate(): void;
}
