import { expect, test, vi } from 'vitest';
import { qualityOf, watchQuality } from '../../examples/nextjs/lib/quality.ts';
import { pass } from '../pass.ts';

test.each([
  ['good', 0, 0],
  ['good', 0.029, 0.29],
  ['fair', 0.03, 0],
  ['fair', 0, 0.3],
  ['poor', 0.1, 0],
  ['poor', 0, 0.6],
  ['poor', 0.04, 2],
] as const)(
  'a call is %s with %d of its packets lost and a round trip of %d s',
  (quality, loss, roundTrip) => {
    expect(qualityOf(loss, roundTrip)).toBe(quality);
  },
);

test('a watch tells each change once, counts from its last look on, and ends', async ({ onTestFinished }) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const pc = new FakeConnection();
  const told: string[] = [];
  const end = watchQuality(pc as unknown as RTCPeerConnection, (quality) => told.push(quality));
  const look = () => pass(3_000);
  await look();
  expect(told).toEqual([]); // not connected yet
  pc.change('connected');
  pc.count(100, 0);
  await look();
  await look();
  expect(told).toEqual(['good']);
  pc.count(150, 50);
  await look();
  expect(told).toEqual(['good', 'poor']);
  pc.count(250, 50); // no more are lost
  await look();
  expect(told).toEqual(['good', 'poor', 'good']);
  pc.change('disconnected'); // told at once
  await pass(0);
  expect(told).toEqual(['good', 'poor', 'good', 'poor']);
  end();
  pc.change('connected');
  await look();
  expect(told).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

/** A connection with the statistics that the test wants. */
class FakeConnection extends EventTarget {
  connectionState = 'new';
  #inbound = { type: 'inbound-rtp', packetsReceived: 0, packetsLost: 0 };

  change(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  count(packetsReceived: number, packetsLost: number): void {
    Object.assign(this.#inbound, { packetsReceived, packetsLost });
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map([['in', { ...this.#inbound }]]);
  }
}
