import { randomUUID } from 'node:crypto';

/** A name for a new session. */
export function newSessionId(): string {
  // What randomUUID returns is a rope of fifteen pieces, ten times the size, and it is kept as long as the peer.
  return Buffer.from(randomUUID()).toString();
}
