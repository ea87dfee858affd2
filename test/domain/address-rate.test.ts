import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressRate, network } from '../../src/rooms/address-rate.ts';
import { Rate } from '../../src/rooms/rate.ts';

test('an IPv4 address stands for itself, written into IPv6 or not', () => {
  expect(network('192.0.2.1')).toBe('192.0.2.1');
  expect(network('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(network('::FFFF:192.0.2.1')).toBe('192.0.2.1');
  expect(network('192.0.2.2')).not.toBe(network('192.0.2.1'));
});

test('of an IPv6 address the first 64 bits count', () => {
  expect(network('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(network('2001:db8:1:2::1')).toBe('2001:db8:1:2');
  expect(network('2001:db8:1:3::1')).not.toBe(network('2001:db8:1:2::1'));
  expect(network('::1')).toBe(network('::2'));
  expect(network('fe80::1%eth0')).toBe(network('fe80::2'));
});

/** Each way to write an address: with each run of zeros left out, in either case, with leading zeros. */
function spellings(groups: number[]): string[] {
  const plain = groups.map((group) => group.toString(16));
  const all = [plain.join(':'), plain.map((group) => group.padStart(4, '0')).join(':')];
  for (let from = 0; from < 8; from++) {
    for (let to = from + 1; to <= 8 && groups[to - 1] === 0; to++) {
      all.push(`${plain.slice(0, from).join(':')}::${plain.slice(to).join(':')}`);
    }
  }
  return all.flatMap((text) => [text, text.toUpperCase()]);
}

test('however an IPv6 address is written, its network is the same, and no other one has it', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const half = fc.array(group, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(half, half, half, (left, right, other) => {
      const names = new Set(spellings([...left, ...right]).map(network));
      expect(names.size).toBe(1);
      const same = other.join() === left.join();
      expect(names.has(network([...other, ...right].map((each) => each.toString(16)).join(':')))).toBe(same);
    }),
  );
});

test('a port behind an address, as some proxies write it, makes it no other', () => {
  expect(network('192.0.2.1:5678')).toBe(network('192.0.2.1'));
  expect(network('[2001:db8:1:2::3]:5678')).toBe(network('2001:db8:1:2:3:4:5:6'));
  expect(network('[2001:db8:1:2::3]')).toBe(network('2001:db8:1:2::3'));
});

test('each address has a bucket of its own, and one /64 has one together', () => {
  const rate = new AddressRate(new Rate(1, 2));
  for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1']) {
    expect(rate.take(address, 0)).toBe(true);
    expect(rate.take(address, 0)).toBe(true);
    expect(rate.take(address, 0)).toBe(false);
  }
  expect(rate.take('2001:db8::2', 0)).toBe(false);
  expect(rate.take('::ffff:192.0.2.1', 0)).toBe(false);
  expect(rate.take('192.0.2.1', 1_000)).toBe(true);
  expect(rate.take('192.0.2.1', 1_000)).toBe(false);
});

test('whoever is over the rate stays so however many addresses come and are forgotten', () => {
  const rate = new AddressRate(new Rate(1, 100));
  for (let i = 0; i < 100; i++) expect(rate.take('192.0.2.1', 0)).toBe(true);
  let refused = 0;
  // Each of these is full again after a second, so all but the last thousand may be forgotten.
  for (let i = 0; i < 50_000; i++) {
    expect(rate.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i)).toBe(true);
    if (i % 1_000 === 500) {
      expect(rate.take('192.0.2.1', i)).toBe(i >= 1_000);
      refused += rate.take('192.0.2.1', i) ? 0 : 1;
    }
  }
  expect(refused).toBe(50);
});

test('a rate of 0 refuses nobody', () => {
  const rate = new AddressRate(new Rate(0, 2));
  for (let i = 0; i < 10_000; i++) expect(rate.take('192.0.2.1', 0)).toBe(true);
});
