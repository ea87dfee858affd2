/** The time is up. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/**
 * Waits for something, but not for ever.
 *
 * @param until when to give up, ms of `performance.now()`
 * @throws NoAnswer when the time is up
 */
export function inTime<T>(work: Promise<T>, until: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new NoAnswer('no answer in time'));
    // If the event loop was held up, the answer may lie unread: let the sockets have their turn first.
    const timer = setTimeout(() => setImmediate(giveUp), Math.max(0, until - performance.now()));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
