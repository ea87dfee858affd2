import { CloseCode } from '../protocol/codes.ts';
import type { Rooms } from './rooms.ts';

/** How often the next few connections are closed, ms. */
const STEP = 50;

/**
 * Lets nobody in any more. The v1 clients are told to go away and have the whole time for it; the plain ones
 * are closed with 1012, a few at a time, so that they do not all come back at the same moment. Who is left in
 * the end is closed too.
 *
 * @param seconds how long it takes
 * @returns resolves when the time is up
 */
export function drain(rooms: Rooms, seconds: number): Promise<void> {
  rooms.draining = true;
  const { promise, resolve } = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const data = { reason: 'drain', withinMs: seconds * 1000 };
  const sessions = [...rooms.sessions].filter((session) => !session.goAway(data));
  let closed = 0;
  const timer = setInterval(step, STEP);

  function step(): void {
    const part = seconds > 0 ? Math.min(1, (performance.now() - startedAt) / (seconds * 1000)) : 1;
    while (closed < sessions.length * part) sessions[closed++]!.close(CloseCode.Restart);
    if (part < 1) return;
    clearInterval(timer);
    for (const session of rooms.sessions) session.close(CloseCode.Restart);
    resolve();
  }

  step();
  return promise;
}
