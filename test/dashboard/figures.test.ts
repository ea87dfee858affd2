import { describe, expect, test } from 'vitest';
import { Meter } from '../../dashboard/figures.ts';
import { quantile, Scrape, since, together } from '../../dashboard/prometheus.ts';
import { build, join } from '../helper.ts';

const INFINITE = Number.POSITIVE_INFINITY;

describe('a scrape', () => {
  test('is read as the server writes it', async () => {
    const server = await build();
    const a = await join(server, 'r', 'a');
    for (let n = 0; n < 128; n++) a.send({ type: 'offer', to: 'a', data: n });
    await a.flush();
    const scrape = new Scrape(await (await fetch(`${server.url}/metrics`)).text());
    expect(scrape.sum('record_meet_peers')).toBe(1);
    expect(scrape.sum('record_meet_messages_total', 'type', 'offer')).toBe(128);
    expect(scrape.sum('record_meet_messages_total')).toBe(129);
    expect(scrape.label('record_meet_info', 'instance')).toBe(server.app.cluster.instance);
    const buckets = scrape.buckets('record_meet_relay_seconds');
    expect(buckets.at(-1)).toEqual([INFINITE, 2]);
    expect(buckets.map(([bound]) => bound)).toEqual(buckets.map(([bound]) => bound).sort((a, b) => a - b));
    expect(scrape.sum('nothing')).toBe(0);
  });

  test('has labels with quotes, commas and braces in them', () => {
    const scrape = new Scrape('# HELP x y\nx{a="1,\\"}",b="2"} 3\nx{a="z"} +Inf\ny 4 1700000000\n');
    expect(scrape.sum('x', 'b', '2')).toBe(3);
    expect(scrape.sum('y')).toBe(4);
  });
});

describe('a quantile', () => {
  const buckets: [number, number][] = [
    [1, 50],
    [2, 90],
    [4, 100],
    [INFINITE, 100],
  ];

  test.for([
    [0.5, 1],
    [0.25, 0.5],
    [0.7, 1.5],
    [0.95, 3],
    [1, 4],
  ])('of %d is spread evenly within its bucket: %d', ([q, value]) => {
    expect(quantile(q!, buckets)).toBeCloseTo(value!);
  });

  test('is none where nothing was observed, and the last bound beyond it', () => {
    expect(quantile(0.99, [])).toBeUndefined();
    expect(quantile(0.99, since(buckets, buckets))).toBeUndefined();
    expect(
      quantile(0.99, [
        [1, 0],
        [INFINITE, 5],
      ]),
    ).toBe(1);
    expect(together(buckets, buckets).at(-1)).toEqual([INFINITE, 200]);
  });
});

describe('figures', () => {
  const text = (instance: string, messages: number, relays = 0) =>
    [
      `record_meet_info{instance="${instance}"} 1`,
      `record_meet_messages_total{type="ping"} ${messages}`,
      `record_meet_relay_seconds_bucket{le="0.001"} ${relays}`,
      `record_meet_relay_seconds_bucket{le="+Inf"} ${relays}`,
      'record_meet_calls_total{event="connected"} 3',
      'record_meet_calls_total{event="failed"} 1',
      `nodejs_eventloop_lag_p99_seconds 0.0${instance.length}`,
    ].join('\n');

  test('a rate needs two answers of one instance, and those of several add up', () => {
    const meter = new Meter();
    expect(meter.take(text('a', 100), 0)).toMatchObject({ messages: undefined, instances: 1, connected: 3 });
    expect(meter.take(text('a', 300), 2_000)).toMatchObject({ messages: 100 });
    // A balancer gives the next question to another one.
    expect(meter.take(text('bb', 5_000), 4_000)).toMatchObject({
      messages: 100,
      instances: 2,
      loopP99: 0.02,
    });
    expect(meter.take(text('bb', 5_020), 6_000)).toMatchObject({ messages: 110, connected: 6, failed: 2 });
    // One that is heard no more counts no more.
    expect(meter.take(text('bb', 5_040), 40_000)).toMatchObject({ instances: 1, failed: 1 });
  });

  test('an instance that began anew has no rate until its next answer', () => {
    const meter = new Meter();
    meter.take(text('a', 100, 50), 0);
    expect(meter.take(text('a', 10, 2), 2_000)).toMatchObject({ messages: undefined });
    expect(meter.take(text('a', 30, 2), 4_000)).toMatchObject({ messages: 10 });
  });

  test('a quantile is of the last minute', () => {
    const meter = new Meter();
    expect(meter.take(text('a', 0, 10), 0).relayP99).toBeCloseTo(0.00099);
    expect(meter.take(text('a', 0, 10), 2_000).relayP99).toBeUndefined();
    expect(meter.take(text('a', 0, 30), 50_000).relayP99).toBeCloseTo(0.00099);
    expect(meter.take(text('a', 0, 30), 100_000).relayP99).toBeCloseTo(0.00099);
    expect(meter.take(text('a', 0, 30), 112_000).relayP99).toBeUndefined();
  });
});
