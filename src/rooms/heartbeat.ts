import type { Session } from './session.ts';

/** A connection under watch: when it was last pinged, ms, and what had come from it by then. */
interface Watched {
  at: number;
  received: number;
}

/**
 * Pings every connection and ends those from which nothing comes any more.
 *
 * Thousands that come at once, as after a restart, are not pinged at once: their first ping comes earlier, each
 * one's at another part of the period.
 *
 * The clock goes on by two ticks at most between two looks, and a look comes only after the sockets were
 * read: however long the event loop was held up, nobody is ended whose answer had arrived.
 *
 * @param seconds a ping this often
 * @param timeoutSeconds dead if nothing came this long after a ping
 * @returns stops it
 */
export function startHeartbeat(
  sessions: ReadonlySet<Session>,
  seconds: number,
  timeoutSeconds: number,
): () => void {
  const tickMs = Math.min(1000, (Math.min(seconds, timeoutSeconds) * 1000) / 10);
  // Early by the ticks that a look may come late, so that both times together are kept.
  const pingAfter = seconds * 1000 - 3 * tickMs;
  const deadAfter = timeoutSeconds * 1000;
  const watched = new WeakMap<Session, Watched>();
  let clock = 0;
  let phase = 0;
  let before = performance.now();

  function look(): void {
    const now = performance.now();
    clock += Math.min(now - before, 2 * tickMs);
    before = now;
    for (const session of sessions) {
      if (!session.seated) continue;
      const { connection } = session;
      const last = watched.get(session);
      if (!last) {
        // By the golden ratio: however many come one after the other, they are evenly apart.
        phase = (phase + 0.618) % 1;
        watched.set(session, { at: clock - phase * pingAfter, received: -1 });
      } else if (connection.received === last.received) {
        if (clock - last.at >= deadAfter) session.terminate();
      } else if (clock - last.at >= pingAfter) {
        last.at = clock;
        last.received = connection.received;
        connection.ping();
      }
    }
  }

  const timer = setInterval(() => setImmediate(look), tickMs);
  return () => clearInterval(timer);
}
