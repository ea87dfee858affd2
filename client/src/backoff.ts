/** The shortest and the longest time before a reconnect, ms. */
const SHORTEST = 500;
const LONGEST = 20_000;

/**
 * How long to wait before the next try: full jitter over a range that doubles, so that clients which lost
 * their server at the same moment do not all come back at the same moment.
 *
 * @param attempt 0 for the first try after a connection was lost
 * @param random 0 to below 1 @default by chance
 * @returns milliseconds, from 500 to 20,000
 */
export function backoff(attempt: number, random = Math.random()): number {
  const range = Math.min(LONGEST, SHORTEST * 2 ** Math.min(attempt + 1, 10));
  return SHORTEST + random * (range - SHORTEST);
}
