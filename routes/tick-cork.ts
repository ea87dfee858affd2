import type { Socket } from 'node:net';

/** Sockets whose output waits for the end of this tick. */
let corked: Socket[] = [];

/**
 * Holds a socket's output back until the end of the tick, that is until all that can be read now is read: what
 * was written by then goes out in one system call. Nothing is waited for: the loop does not sleep in between.
 * The socket does the keeping, so that what waits counts as its `writableLength`, and whatever is written to it
 * by anybody else goes out in order.
 */
export function corkUntilTickEnds(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  if (corked.length === 0) setImmediate(uncorkAll);
  corked.push(socket);
  socket.cork();
}

function uncorkAll(): void {
  const all = corked;
  corked = [];
  for (const socket of all) socket.uncork();
}
