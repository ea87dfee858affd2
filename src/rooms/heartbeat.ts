import type { Session } from './session.ts';

/** A connection under watch: when it was last pinged, ms, and what had come from it by then. */
interface Watched {
  at: number;
  received: number;
}

/** To look at all connections of a large instance at once would hold its messages up: a step of each tick, ms. */
const STEP = 50;

/**
 * Pings every connection and ends those from which nothing comes any more. Each is looked at once a tick.
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
  const steps = Math.max(1, Math.floor(tickMs / STEP));
  let clock = 0;
  let phase = 0;
  let before = performance.now();
  let round = sessions.values();

  function look(): void {
    const now = performance.now();
    clock += Math.min(now - before, 2 * tickMs);
    before = now;
    for (let left = Math.ceil(sessions.size / steps); left > 0; left--) {
      const { value: session } = round.next();
      if (!session) round = sessions.values();
      if (!session?.seated) continue;
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

  const timer = setInterval(() => setImmediate(look), tickMs / steps);
  return () => clearInterval(timer);
}
