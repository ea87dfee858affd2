import { Chart } from './chart.ts';
import { duration, short, whole } from './words.ts';

/** The charts of the page, in their order. */
export const charts = {
  people: new Chart({
    title: 'Peers and rooms',
    lines: [
      { label: 'Peers', colour: '--blue' },
      { label: 'Rooms', colour: '--orange' },
    ],
    least: 4,
    integers: true,
    format: whole,
  }),
  messages: new Chart({
    title: 'Messages per second',
    lines: [{ label: 'Messages', colour: '--green' }],
    least: 5,
    format: short,
  }),
  relay: new Chart({
    title: 'Relay, p99',
    lines: [{ label: 'p99', colour: '--violet' }],
    least: 0.0001,
    format: duration,
  }),
  loop: new Chart({
    title: 'Event-loop delay, p99',
    lines: [{ label: 'p99', colour: '--rose' }],
    least: 0.02,
    format: duration,
  }),
};
