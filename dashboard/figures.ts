import { type Buckets, quantile, Scrape, since, together } from './prometheus.ts';

/** Quantiles are those of this time, ms. */
const WINDOW = 60_000;
/** An instance that was not heard for this long no longer counts, ms. */
const FORGOTTEN = 30_000;

/** What is drawn; undefined where nothing is known. */
export interface Figures {
  /** Messages per second that came. */
  messages: number | undefined;
  /** Of relays, s. */
  relayP99: number | undefined;
  /** Of the event loop's delay, s. */
  loopP99: number;
  /** Reports of media connections since the instances started. */
  connected: number;
  failed: number;
  /** The instances that these are of. */
  instances: number;
}

interface Instance {
  scrape: Scrape;
  at: number;
  messages: number | undefined;
  /** Of relays, at the scrapes of the window. */
  relays: { at: number; buckets: Buckets }[];
}

const MESSAGES = 'record_meet_messages_total';
const RELAYS = 'record_meet_relay_seconds';
const CALLS = 'record_meet_calls_total';

/** Makes figures of what `/metrics` says. Behind a balancer each answer may be another instance's. */
export class Meter {
  readonly #instances = new Map<string, Instance>();

  /**
   * @param text what `/metrics` said
   * @param now ms
   */
  take(text: string, now: number): Figures {
    const scrape = new Scrape(text);
    const name = scrape.label('record_meet_info', 'instance');
    const known = this.#instances.get(name);
    const count = scrape.sum(MESSAGES) - (known?.scrape.sum(MESSAGES) ?? 0);
    // A counter that goes back began anew.
    const last = count < 0 ? undefined : known;
    const relays = [...(last?.relays ?? []), { at: now, buckets: scrape.buckets(RELAYS) }];
    while (relays.length > 2 && relays[1]!.at < now - WINDOW) relays.shift();
    const messages = last && (count * 1000) / (now - last.at);
    this.#instances.set(name, { scrape, at: now, messages, relays });
    for (const [one, { at }] of this.#instances) if (at < now - FORGOTTEN) this.#instances.delete(one);
    return this.#figures();
  }

  #figures(): Figures {
    const all = [...this.#instances.values()];
    const sum = (of: (scrape: Scrape) => number) => all.reduce((total, { scrape }) => total + of(scrape), 0);
    const rates = all.flatMap(({ messages }) => messages ?? []);
    const buckets = all
      .map(({ relays }) => since(relays.at(-1)!.buckets, relays.length > 1 ? relays[0]!.buckets : undefined))
      .reduce(together);
    return {
      messages: rates.length === 0 ? undefined : rates.reduce((a, b) => a + b),
      relayP99: quantile(0.99, buckets),
      loopP99: Math.max(...all.map(({ scrape }) => scrape.sum('nodejs_eventloop_lag_p99_seconds'))),
      connected: sum((scrape) => scrape.sum(CALLS, 'event', 'connected')),
      failed: sum((scrape) => scrape.sum(CALLS, 'event', 'failed')),
      instances: all.length,
    };
  }
}
