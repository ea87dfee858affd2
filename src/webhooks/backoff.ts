/** The first pause is at most this long, the longest too, ms. */
const FIRST = 500;
const LONGEST = 60_000;

/**
 * How long to wait before the next try: full jitter over a range that doubles.
 *
 * @param tries those that failed so far, from 1
 * @param random 0 to below 1 @default by chance
 * @returns milliseconds
 */
export function backoff(tries: number, random = Math.random()): number {
  return random * Math.min(LONGEST, FIRST * 2 ** Math.min(tries - 1, 10));
}
