/** Plots for docs/images, of panels two abreast, in colours that can be read on white and on black. */
export const WIDTH = 500;
/** The height of what stands above the panels. */
export const HEAD = 34;

export const OURS = 'record-meet';
export const INK = '#6e7781';
export const colour = (server: string) => (server === OURS ? '#0f9d94' : '#9aa5b1');
export const LINE = '#57606a';

export const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A whole image: a name for who can't see it, a note, then the panels, each drawn at the place it is given. */
export function plot(
  name: string,
  note: string,
  panels: ((x: number, y: number) => string)[],
  height: number,
): string {
  const drawn = panels.map((panel, n) => panel((n % 2) * WIDTH + 10, Math.floor(n / 2) * height + HEAD));
  const total = HEAD + Math.ceil(panels.length / 2) * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${total}" font-family="sans-serif" font-size="11" fill="${INK}">
<title>${escaped(name)}</title>
<style>.title { font-weight: bold; font-size: 12px }</style>
<text x="10" y="20">${escaped(note)}</text>
${drawn.join('\n')}
</svg>
`;
}

export const title = (x: number, y: number, text: string) =>
  `<text x="${x}" y="${y + 14}" class="title">${escaped(text)}</text>`;

export interface Point {
  x: number;
  median: number;
  least: number;
  most: number;
}

export interface Chart {
  title: string;
  /** What x is. */
  unit: string;
  /** Whether y is logarithmic, as x always is; else it begins at 0. */
  log: boolean;
  series: { name: string; points: Point[] }[];
}

export const CHART = 220;
const LEFT = 20;
const RIGHT = 390;
const TOP = 42;
const BOTTOM = 178;

/** A value with two or three digits that count. */
export const digits = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
export const amount = (value: number) =>
  value < 1000 ? String(value) : `${Number((value / 1000).toFixed(1))}k`;

/** Lines over a logarithmic x, the value beside each point. */
export function chart({ title: text, unit, log, series }: Chart) {
  return (x: number, y: number): string => {
    const points = series.flatMap((one) => one.points);
    const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
    const scale = (value: number, from: number, to: number) =>
      Math.log(value / from) / Math.log(to / from || 2);
    const across = (value: number) =>
      (x + LEFT + 15 + (RIGHT - LEFT - 30) * scale(value, xs[0]!, xs.at(-1)!)).toFixed(1);
    const most = Math.max(...points.map((point) => point.most));
    const least = Math.min(...points.map((point) => point.least));
    const share = (value: number) => (log ? scale(value, least, most) : value / most);
    const up = (value: number) =>
      y + BOTTOM - (log ? 24 : 0) - (BOTTOM - TOP - (log ? 36 : 12)) * share(value);
    const parts = [title(x, y, text), `<path d="M${x + LEFT} ${y + BOTTOM}H${x + RIGHT}" stroke="${LINE}"/>`];
    for (const value of xs) {
      parts.push(
        `<text x="${across(value)}" y="${y + BOTTOM + 15}" text-anchor="middle">${amount(value)}</text>`,
      );
    }
    parts.push(`<text x="${x + RIGHT + 8}" y="${y + BOTTOM + 15}">${unit}</text>`);
    for (const { name, points } of series) {
      const path = points.map((point) => `${across(point.x)} ${up(point.median).toFixed(1)}`).join('L');
      parts.push(`<path d="M${path}" fill="none" stroke="${colour(name)}" stroke-width="2"/>`);
      for (const point of points) {
        const at = across(point.x);
        const [high, low] = [up(point.most), up(point.least)].map((value) => value.toFixed(1));
        parts.push(`<path d="M${at} ${high}V${low}" stroke="${LINE}"/>`);
        const middle = up(point.median);
        parts.push(`<circle cx="${at}" cy="${middle.toFixed(1)}" r="3" fill="${colour(name)}"/>`);
        // The higher line's values stand above it, the lower one's below.
        const other = series.find((one) => one.name !== name)?.points.find((one) => one.x === point.x);
        const above = !other || point.median >= other.median;
        const height = above ? Number(high) - 6 : Number(low) + 14;
        parts.push(
          `<text x="${at}" y="${height.toFixed(1)}" text-anchor="middle">${digits(point.median)}</text>`,
        );
      }
    }
    // Names stand at the ends of their lines, the higher first, and not upon each other.
    let above = Number.NEGATIVE_INFINITY;
    const ends = series.map(({ name, points }) => ({ name, end: up(points.at(-1)!.median) + 4 }));
    for (const { name, end } of ends.sort((a, b) => a.end - b.end)) {
      above = Math.max(end, above + 13);
      const place = `x="${x + RIGHT + 8}" y="${above.toFixed(1)}"`;
      parts.push(`<text ${place} fill="${colour(name)}" class="title">${name}</text>`);
    }
    return parts.join('\n');
  };
}
