import { expect, test } from 'vitest';
import { FLOOD_LIMIT, FLOOD_PAUSE, Flood } from '../../src/rooms/flood.ts';

test('who is refused again and again for 10 s is flooding, and not before', () => {
  expect(FLOOD_LIMIT).toBe(10_000);
  const flood = new Flood();
  for (let now = 5_000; now < 15_000; now += 100) expect(flood.refused(now), String(now)).toBe(false);
  expect(flood.refused(15_000)).toBe(true);
});

test('the first refusal is none, however long the connection was there', () => {
  expect(new Flood().refused(1e9)).toBe(false);
  expect(new Flood().refused(0)).toBe(false);
});

test('a pause without a refusal ends a flood, and the time counts anew', () => {
  const flood = new Flood();
  for (let now = 0; now <= 9_000; now += 1_000) expect(flood.refused(now)).toBe(false);
  const again = 9_000 + FLOOD_PAUSE + 1;
  for (let now = again; now < again + FLOOD_LIMIT; now += 1_000) expect(flood.refused(now)).toBe(false);
  expect(flood.refused(again + FLOOD_LIMIT)).toBe(true);
});

test('shorter pauses do not end it', () => {
  const flood = new Flood();
  let ended = 0;
  for (let now = 0; now <= FLOOD_LIMIT; now += FLOOD_PAUSE) if (flood.refused(now)) ended++;
  expect(ended).toBe(1);
});

test('many refusals in one moment are no flood', () => {
  const flood = new Flood();
  for (let i = 0; i < 100_000; i++) expect(flood.refused(1)).toBe(false);
});
