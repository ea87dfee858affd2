import { basename } from 'node:path';
import { escaped, INK } from './plot.ts';

/** A profile as V8 writes it; times in µs. */
export interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

interface Frame {
  name: string;
  file: string;
  layer: keyof typeof LAYERS;
  /** Time of it and of all above it, µs. */
  total: number;
  above: Map<string, Frame>;
}

/** Whose code it is, in colours on which black can be read. */
const LAYERS = {
  server: ['#5cc4bb', 'the server'],
  library: ['#f0b35f', 'libraries'],
  node: ['#a9bdd6', 'Node.js'],
  native: ['#c8ccd1', 'compiled code, the kernel'],
} as const;

const NAMES = new Map([
  ['(program)', 'outside of JavaScript'],
  ['(garbage collector)', 'garbage collection'],
  ['', '(anonymous)'],
]);

function layerOf(url: string): Frame['layer'] {
  if (url === '') return 'native';
  if (url.startsWith('node:')) return 'node';
  return url.includes('/node_modules/') ? 'library' : 'server';
}

/** Self times of the nodes between two points of time. */
function selfTimes({ startTime, samples, timeDeltas }: Profile, from: number, to: number) {
  const self = new Map<number, number>();
  let time = startTime;
  for (const [i, id] of samples.entries()) {
    time += timeDeltas[i]!;
    // A sample holds until the next one.
    const lasts = timeDeltas[i + 1] ?? 0;
    if (time >= from && time < to) self.set(id, (self.get(id) ?? 0) + lasts);
  }
  if (self.size === 0) throw new Error('the profile has no samples of the load');
  return self;
}

/** The tree of frames, those of one function of one file in one place taken together; idle time left out. */
function tree(profile: Profile, from: number, to: number): Frame {
  const self = selfTimes(profile, from, to);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const root: Frame = { name: 'all', file: '', layer: 'native', total: 0, above: new Map() };
  const add = (id: number, below: Frame): number => {
    const { callFrame, children = [] } = nodes.get(id)!;
    const { functionName, url } = callFrame;
    if (functionName === '(idle)') return 0;
    const file = basename(url.replace(/^node:/, ''));
    const key = `${functionName} ${file}`;
    let frame = below.above.get(key);
    if (!frame) {
      const name = NAMES.get(functionName) ?? functionName;
      below.above.set(key, (frame = { name, file, layer: layerOf(url), total: 0, above: new Map() }));
    }
    let time = self.get(id) ?? 0;
    for (const child of children) time += add(child, frame);
    frame.total += time;
    return time;
  };
  for (const child of profile.nodes[0]!.children ?? []) root.total += add(child, root);
  return root;
}

const WIDTH = 1000;
const ROW = 18;
const HEAD = 58;
/** Of a monospaced letter of the size that is used. */
const LETTER = 6.6;
/** Narrower frames are left out, as a share of all. */
const LEAST = 0.003;

/** What fits of a frame's name. */
function label({ name, file }: Frame, width: number): string {
  const fits = Math.floor((width - 6) / LETTER);
  const long = file ? `${name} ${file}` : name;
  if (long.length <= fits) return long;
  if (name.length <= fits) return name;
  return fits < 4 ? '' : `${name.slice(0, fits - 1)}…`;
}

/** Draws a profile between two points of time as a flame graph, the callers below. */
export function flames(
  title: string,
  note: string,
  { profile, from, to }: { profile: Profile; from: number; to: number },
): string {
  const root = tree(profile, from, to);
  const drawn: { frame: Frame; x: number; width: number; depth: number }[] = [];
  const place = (frame: Frame, x: number, depth: number): void => {
    const width = (WIDTH * frame.total) / root.total;
    drawn.push({ frame, x, width, depth });
    let at = x;
    for (const next of [...frame.above.values()].sort((a, b) => b.total - a.total)) {
      if (next.total < LEAST * root.total) break;
      place(next, at, depth + 1);
      at += (WIDTH * next.total) / root.total;
    }
  };
  place(root, 0, 0);
  const height = HEAD + ROW * (1 + Math.max(...drawn.map(({ depth }) => depth)));
  const parts = drawn.map(({ frame, x, width, depth }) => {
    const y = height - ROW * (depth + 1);
    const share = ((100 * frame.total) / root.total).toFixed(1);
    const text = escaped(label(frame, width));
    const inside = text && `<text x="${(x + 3).toFixed(1)}" y="${y + 13}">${text}</text>`;
    const size = `width="${Math.max(width - 0.5, 0.5).toFixed(1)}" height="${ROW - 1}"`;
    const rect = `<rect x="${x.toFixed(1)}" y="${y}" ${size} fill="${LAYERS[frame.layer][0]}"/>`;
    return `<g><title>${escaped(`${frame.name} ${frame.file}`.trim())}, ${share} %</title>${rect}${inside}</g>`;
  });
  const legend = Object.values(LAYERS).map(
    ([fill, name], i) =>
      `<rect x="${i * 130}" y="38" width="11" height="11" fill="${fill}"/><text x="${i * 130 + 16}" y="47">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="${INK}">
<title>${escaped(title)}</title>
<text y="14" font-weight="bold" font-size="13">${escaped(title)}</text>
<text y="30">${escaped(note)}; width is the share of time, callers are below</text>
${legend.join('\n')}
<g font-family="monospace" fill="#1f2328">
${parts.join('\n')}
</g>
</svg>
`;
}
