import { CloseCode } from '../protocol/codes.ts';
import type { Rooms } from './rooms.ts';

/** How often the next few connections are closed, ms. */
const STEP = 50;

/**
 * Lets nobody in any more and closes all connections with 1012, a few at a time, so that the clients do not
 * all come back at the same moment.
 *
 * @param seconds how long it takes
 * @returns resolves when the time is up
 */
export function drain(rooms: Rooms, seconds: number): Promise<void> {
  rooms.draining = true;
  const { promise, resolve } = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const sessions = [...rooms.sessions];
  let closed = 0;
  const timer = setInterval(step, STEP);

  function step(): void {
    const part = seconds > 0 ? Math.min(1, (performance.now() - startedAt) / (seconds * 1000)) : 1;
    while (closed < sessions.length * part) sessions[closed++]!.close(CloseCode.Restart);
    if (part < 1) return;
    clearInterval(timer);
    resolve();
  }

  step();
  return promise;
}
