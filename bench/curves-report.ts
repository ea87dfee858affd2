import { machine, median, today } from './load.ts';
import { amount, CHART, chart, digits, plot } from './plot.ts';

/** What was measured of one curve. */
export interface Curve {
  title: string;
  /** What x is. */
  unit: string;
  /** Whether the plot's y is logarithmic. */
  log: boolean;
  /** By server, the yardstick first: the CPU times of all runs by x, µs. */
  series: { name: string; costs: Map<number, number[]> }[];
}

const NAME = 'What a message costs as things grow';
const about = () => `${today()}; ${machine()}; CPU time of the server in µs`;
const runsOf = (rounds: number) => (rounds > 1 ? `medians of ${rounds} runs` : 'one run');

export function picture(curves: Curve[], rounds: number): string {
  const charts = curves.map(({ title, unit, log, series }) => {
    const lines = series.map(({ name, costs }) => ({
      name,
      points: [...costs].map(([x, all]) => ({
        ...{ x, median: median(all), least: Math.min(...all), most: Math.max(...all) },
      })),
    }));
    return chart({ title, unit, log, series: lines });
  });
  const lines = rounds > 1 ? ', lines from least to most' : '';
  return plot(NAME, `${about()}, ${runsOf(rounds)}${lines}`, charts, CHART);
}

export function table(curves: Curve[]): string {
  const names = curves[0]!.series.map(({ name }) => name);
  const lines = [`| | | ${names.join(' | ')} | × |`, '| --- | --- | --- | --- | --- |'];
  for (const { title, unit, series } of curves) {
    const [theirs, ours] = series;
    for (const [n, [x, all]] of [...theirs!.costs].entries()) {
      const [their, our] = [median(all), median(ours!.costs.get(x)!)];
      const cells = [n === 0 ? title : '', `${amount(x)} ${unit}`, digits(their), digits(our)];
      lines.push(`| ${cells.join(' | ')} | ${(our / their).toFixed(2)} |`);
    }
  }
  return lines.join('\n');
}

/** What stands in docs/performance.md. */
export function section(curves: Curve[], rounds: number): string {
  return `![${NAME}](images/performance-curves.svg)\n\n${about()}, ${runsOf(rounds)}.\n\n${table(curves)}`;
}
