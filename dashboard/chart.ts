import uPlot from 'uplot';
import { element } from './page.ts';

/** How long is shown, s. */
const SHOWN = 1_800;
const LEAST_SHOWN = 60;
const HEIGHT = 168;

/** One line of a chart. */
export interface Line {
  label: string;
  /** The custom property of the style sheet that is its colour. */
  colour: string;
}

/** What a chart shows. */
export interface ChartOptions {
  title: string;
  lines: Line[];
  /** Its axis reaches at least this far. */
  least: number;
  /** Its values are whole numbers. */
  integers?: boolean;
  format(value: number): string;
}

/** A tick of the time axis. */
const clock = (at: number) =>
  new Date(at * 1000).toLocaleTimeString(undefined, { timeStyle: at % 60 === 0 ? 'short' : 'medium' });

const colourOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** Lines over time, from when the page was opened. */
export class Chart {
  readonly figure = element('figure');
  readonly #options: ChartOptions;
  readonly #plot: uPlot;
  readonly #host = element('div', 'plot');
  readonly #values: HTMLElement[];
  readonly #data: (number | null)[][];

  constructor(options: ChartOptions) {
    this.#options = options;
    const { title, lines } = options;
    const caption = element('figcaption');
    this.#values = lines.map(() => element('b'));
    const keys = lines.map(({ label, colour }, at) => {
      const key = element('span', 'key', lines.length > 1 ? `${label} ` : '');
      key.style.setProperty('--key', `var(${colour})`);
      key.append(this.#values[at]!);
      return key;
    });
    caption.append(element('span', 'title', title), ...keys);
    this.figure.append(caption, this.#host);
    this.#host.role = 'img';
    this.#data = [[], ...lines.map(() => [])];
    this.#plot = new uPlot(this.#layout(), this.#data as uPlot.AlignedData, this.#host);
    new ResizeObserver(() => {
      if (this.#host.clientWidth > 0) this.#plot.setSize({ width: this.#host.clientWidth, height: HEIGHT });
    }).observe(this.#host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw());
  }

  /** @param at s since 1970 @param values one of each line; undefined leaves a gap */
  add(at: number, values: (number | undefined)[]): void {
    const columns: (number | null)[] = [at, ...values.map((value) => value ?? null)];
    for (const [n, column] of this.#data.entries()) column.push(columns[n]!);
    while (this.#data[0]![0]! < at - SHOWN) for (const column of this.#data) column.shift();
    this.#plot.setData(this.#data as uPlot.AlignedData);
    if (this.#plot.cursor.idx == null) this.#show(undefined);
  }

  /** Writes the values at a point, or the last ones. */
  #show(index: number | undefined): void {
    const { title, lines, format } = this.#options;
    const said = lines.map(({ label }, n) => {
      const value = this.#data[n + 1]!.at(index ?? -1) ?? null;
      const text = value === null ? '–' : format(value);
      this.#values[n]!.textContent = text;
      return lines.length > 1 ? `${label} ${text}` : text;
    });
    this.#host.ariaLabel = `${title}: ${said.join(', ')}`;
  }

  #layout(): uPlot.Options {
    const { lines, least, integers, format } = this.#options;
    const axis: uPlot.Axis = {
      stroke: () => colourOf('--faint'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: () => colourOf('--line'), width: 1 },
      ticks: { show: false },
    };
    const increments = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6];
    return {
      width: 320,
      height: HEIGHT,
      legend: { show: false },
      cursor: { sync: { key: 'record-meet' }, drag: { x: false, y: false }, y: false },
      hooks: { setCursor: [(plot) => this.#show(plot.cursor.idx ?? undefined)] },
      scales: {
        x: { range: (_plot, from, to) => [Math.min(from, to - LEAST_SHOWN), to] },
        y: { range: (_plot, _min, max) => [0, Math.max(least, (max ?? 0) * 1.15)] },
      },
      axes: [
        { ...axis, size: 30, space: 90, values: (_plot, values) => values.map(clock) },
        {
          ...axis,
          size: 58,
          space: 34,
          ...(integers && { incrs: increments }),
          values: (_plot, values) => values.map(format),
        },
      ],
      series: [
        {},
        ...lines.map(({ label, colour }) => ({
          label,
          width: 2,
          stroke: () => colourOf(colour),
          fill: () => `${colourOf(colour)}1f`,
          points: { show: false },
        })),
      ],
    };
  }
}
