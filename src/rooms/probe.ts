import type { Connection } from './connection.ts';

/** How long one who sits on a wanted peer id has to answer a ping, ms. */
const ANSWER_WITHIN = 2_000;

let probes = 0;

/** Asks a connection whether somebody is still there. */
export class Probe {
  /** What its ping carries. */
  readonly mark = `probe ${++probes}`;
  /** Whether there was a sign of life in time. */
  readonly alive: Promise<boolean>;
  /** Settles `alive` before the time is up. */
  readonly answer: (alive: boolean) => void;

  /**
   * @param connection an open one
   * @param settled called when `alive` is known
   */
  constructor(connection: Connection, settled: () => void) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const received = connection.received;
    // If the event loop was held up, the answer may lie unread: let the sockets have their turn first.
    const timer = setTimeout(
      () => setImmediate(() => this.answer(connection.received > received)),
      ANSWER_WITHIN,
    );
    this.alive = promise;
    this.answer = (alive) => {
      clearTimeout(timer);
      settled();
      resolve(alive);
    };
    connection.ping(this.mark);
  }
}
