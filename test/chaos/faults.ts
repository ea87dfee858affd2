import { Random } from './random.ts';

/** What is done to the site. Times in ms. */
export type Fault =
  /** kill -9; the successor has the same port. */
  | { is: 'kill'; instance: number; for: number }
  /** SIGSTOP, past its lease perhaps. */
  | { is: 'freeze'; instance: number; for: number }
  /** SIGTERM, and a successor on the same port. */
  | { is: 'replace'; instance: number }
  /** Redis drops all its connections, again and again. */
  | { is: 'cut redis'; for: number }
  | { is: 'freeze redis'; for: number }
  /** Redis is killed, and comes back without its memory. */
  | { is: 'empty redis'; for: number }
  /** Part of the clients lose their connections. */
  | { is: 'cut clients'; part: number };

/** A fault, and how long it is left alone afterwards, ms. */
export interface Step {
  fault: Fault;
  rest: number;
}

const KINDS: Fault['is'][] = [
  'kill',
  'freeze',
  'replace',
  'cut redis',
  'freeze redis',
  'empty redis',
  'cut clients',
];

/** The faults that a seed stands for, without an end: each kind comes once before any comes again. */
export function* faults(seed: number, instances: number): Generator<Step> {
  const random = new Random(seed);
  for (;;) {
    const kinds = [...KINDS];
    while (kinds.length > 0) {
      const is = random.pick(kinds);
      kinds.splice(kinds.indexOf(is), 1);
      const instance = Math.floor(random.next() * instances);
      yield { fault: make(is, instance, random), rest: random.between(200, 4_000) };
    }
  }
}

function make(is: Fault['is'], instance: number, random: Random): Fault {
  switch (is) {
    case 'kill':
      return { is, instance, for: random.between(100, 3_000) };
    case 'freeze':
      return { is, instance, for: random.between(500, 8_000) };
    case 'replace':
      return { is, instance };
    case 'cut redis':
    case 'empty redis':
      return { is, for: random.between(100, 3_000) };
    case 'freeze redis':
      return { is, for: random.between(500, 5_000) };
    case 'cut clients':
      return { is, part: random.between(0.2, 1) };
  }
}

/** As it is printed. */
export function describe(fault: Fault): string {
  const { is, ...rest } = fault;
  const details = Object.entries(rest).map(([name, value]) => {
    if (name === 'for') return `for ${(value / 1000).toFixed(1)} s`;
    return name === 'part' ? `${Math.round(value * 100)} %` : `${name} ${value}`;
  });
  return [is, ...details].join(' ');
}
