interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** The number of observations up to each bound, in the order of the bounds. */
export type Buckets = [bound: number, count: number][];

/** What `/metrics` said at one time. */
export class Scrape {
  readonly #samples = new Map<string, Sample[]>();

  /** @param text the text format of Prometheus, version 0.0.4 */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (name === undefined) continue;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      const sample = {
        labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])),
        value: Number(value),
      };
      const known = this.#samples.get(name);
      if (known) known.push(sample);
      else this.#samples.set(name, [sample]);
    }
  }

  /** All values of a name together, or those with this label. */
  sum(name: string, label = '', of = ''): number {
    return this.#of(name).reduce(
      (sum, { labels, value }) => sum + (label === '' || labels[label] === of ? value : 0),
      0,
    );
  }

  /** The text of a label. */
  label(name: string, label: string): string {
    return this.#of(name)[0]?.labels[label] ?? '';
  }

  buckets(name: string): Buckets {
    return this.#of(`${name}_bucket`)
      .map(({ labels, value }): Buckets[0] => [
        labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
        value,
      ])
      .sort(([a], [b]) => a - b);
  }

  #of(name: string): Sample[] {
    return this.#samples.get(name) ?? [];
  }
}

/** What came to each bucket since then. */
export function since(now: Buckets, then: Buckets | undefined): Buckets {
  return now.map(([bound, count], at) => [bound, count - (then?.[at]?.[1] ?? 0)]);
}

/** Both together: of the same bounds. */
export function together(a: Buckets, b: Buckets): Buckets {
  return a.length === 0 ? b : a.map(([bound, count], at) => [bound, count + (b[at]?.[1] ?? 0)]);
}

/**
 * A quantile, as Prometheus estimates it: evenly spread within its bucket; beyond the last bound that bound.
 *
 * @param q from 0 to 1
 * @returns undefined if nothing was observed
 */
export function quantile(q: number, buckets: Buckets): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  const at = buckets.findIndex(([, count]) => count >= rank);
  const [bound, count] = buckets[at]!;
  const [below, before] = buckets[at - 1] ?? [0, 0];
  if (bound === Number.POSITIVE_INFINITY) return below;
  return below + ((bound - below) * (rank - before)) / (count - before || 1);
}
