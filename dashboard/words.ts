/** A whole number with its separators. */
export const whole = (value: number) => Math.round(value).toLocaleString();

/** A number with as many digits as it is worth. */
export function short(value: number): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** A time: `value` in seconds. */
export function duration(value: number): string {
  if (value === 0) return '0';
  if (value < 0.001) return `${short(value * 1e6)} µs`;
  if (value < 1) return `${short(value * 1000)} ms`;
  return `${short(value)} s`;
}

/** A count with its noun: "1 peer", "3 peers". */
export const counted = (count: number, noun: string) => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A moment of today by its time, another one with its date. `at` as `Date` takes it. */
export function moment(at: string | number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString();
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}
