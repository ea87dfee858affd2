import { expect, test } from 'vitest';
import { Removals, type Shared } from '../../src/auth/removals.ts';
import type { Permit } from '../../src/rooms/permit.ts';

/** What two instances remember together, unless it is away. */
class Memory implements Shared {
  away = false;
  readonly values = new Map<string, string>();
  seconds = 0;

  async put(key: string, value: string, seconds: number): Promise<void> {
    if (this.away) throw new Error('away');
    this.values.set(key, value);
    this.seconds = seconds;
  }

  async get(key: string): Promise<string | undefined> {
    if (this.away) throw new Error('away');
    return this.values.get(key);
  }
}

const token = (more: Partial<Permit> = {}): Permit => ({
  ...{ room: 'r', peer: 'b', host: false, issuedAt: 900, expiresAt: 2_000, signature: 'x' },
  ...more,
});

test('a removal that could not be told is told later, and one that was lost is told again', async () => {
  const memory = new Memory();
  const [one, two] = [new Removals(memory), new Removals(memory)];
  memory.away = true;
  one.add('r', 'b', token(), 1_000);
  await expect(one.share(1_001)).rejects.toThrow();
  memory.away = false;
  expect(await two.covers(token())).toBe(false);
  await one.share(1_002);
  expect(await two.covers(token())).toBe(true);
  memory.values.clear();
  await one.share(1_003);
  expect(await two.covers(token())).toBe(true);
});

test('an older removal is never told over a newer one', async () => {
  const memory = new Memory();
  const [one, two] = [new Removals(memory), new Removals(memory)];
  one.add('r', 'b', token(), 1_000);
  two.add('r', 'b', token({ issuedAt: 1_050, signature: 'y' }), 1_100);
  await one.share(1_200);
  expect(await new Removals(memory).covers(token({ issuedAt: 1_060, signature: 'z' }))).toBe(true);
});

test('a token without end is remembered for no longer than Redis can', async () => {
  const memory = new Memory();
  new Removals(memory).add('r', 'b', token({ expiresAt: 1e16 }), 1_000);
  expect(memory.seconds).toBe(100 * 365 * 24 * 3600);
});
