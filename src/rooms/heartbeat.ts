import type { Session } from './session.ts';

/** A connection under watch: when it was last pinged, and what had come from it by then. */
interface Watched {
  tick: number;
  received: number;
}

/**
 * Pings every connection and ends those from which nothing comes any more.
 *
 * Time is counted in turns of the event loop's own timer, and a turn looks at the connections only after
 * the sockets were read: however long the loop was held up, nobody is ended whose answer had arrived.
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
  // Early by the ticks that rounding can add, so that both times together are kept.
  const pingAfter = Math.floor((seconds * 1000) / tickMs) - 2;
  const deadAfter = Math.ceil((timeoutSeconds * 1000) / tickMs);
  const watched = new WeakMap<Session, Watched>();
  let tick = 0;

  function look(): void {
    tick++;
    for (const session of sessions) {
      if (!session.seated) continue;
      const { connection } = session;
      const last = watched.get(session);
      if (!last) {
        watched.set(session, { tick, received: -1 });
      } else if (connection.received === last.received) {
        if (tick - last.tick >= deadAfter) session.terminate();
      } else if (tick - last.tick >= pingAfter) {
        last.tick = tick;
        last.received = connection.received;
        connection.ping();
      }
    }
  }

  const timer = setInterval(() => setImmediate(look), tickMs);
  return () => clearInterval(timer);
}
