#!/usr/bin/env node
// Writes what compare.mjs found into docs/performance.md, between its two marks, and as a plot beside it:
//   node report.mjs results.json
import { readFileSync } from 'node:fs';
import { writeImage, writeSection } from './page.ts';
import { colour, title as heading, LINE, OURS, plot } from './plot.ts';

const { date, machine, runs, results } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** What each case is called, in what it is measured, and how a value is written. */
const CASES = {
  relay1: ['Relay, 200 pairs, 1 message in flight', 'messages/s', thousands],
  relay16: ['Relay, 50 pairs, 16 messages in flight', 'messages/s', thousands],
  rate: ['Relay of 20,000 messages/s: 99th percentile', 'µs', whole],
  chat: ['Chat in rooms of ten', 'deliveries/s', thousands],
  join: ['Joins', 'joins/s', thousands],
  idle: ['Memory of an idle peer', 'bytes', thousands],
  few: ['Relay, 50 pairs, alone', 'messages/s', thousands],
  many: ['Relay, 50 pairs among 5,000 rooms', 'messages/s', thousands],
};
function thousands(value) {
  return value < 10_000 ? `${(value / 1000).toFixed(1)}k` : `${Math.round(value / 1000)}k`;
}
function whole(value) {
  return value.toFixed(0);
}
const cases = Object.keys(CASES).filter((name) => results.some((row) => row.case === name));
const servers = [...new Set(results.map(({ server }) => server))];
const find = (name, server) => results.find((row) => row.case === name && row.server === server);

function table() {
  const lines = [`| | ${servers.join(' | ')} |`, `| --- |${' --- |'.repeat(servers.length)}`];
  for (const name of cases) {
    const [title, unit, write] = CASES[name];
    const cells = servers.map((server) => {
      const row = find(name, server);
      if (!row) return '–';
      const spread = `${write(row.least)} to ${write(row.most)}`;
      const cost = row.cost === undefined ? '' : `<br>${row.cost} µs, ×${row.costRatio.toFixed(2)}`;
      return `${write(row.median)} ×${row.ratio.toFixed(2)}<br>${spread}${cost}`;
    });
    lines.push(`| ${title}, ${unit} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

/** What a message costs our server with a hundred times the rooms, against without. */
function crowd() {
  const [few, many] = [find('few', OURS), find('many', OURS)];
  if (!few || !many) return '';
  return `With 100 times the rooms and peers a message costs ${OURS} ${(many.cost / few.cost).toFixed(2)} times as much.\n\n`;
}

const ROW = 18;
const PANEL = 34 + servers.length * ROW;
const LABEL = 100;
const BAR = 290;

const panel = (name) => (x, y) => {
  const [title, unit, write] = CASES[name];
  const rows = servers.map((server) => find(name, server));
  const most = Math.max(...rows.map((row) => row?.most ?? 0));
  const better = rows[0]?.lower ? 'less is better' : 'more is better';
  const parts = [heading(x, y, `${title}, ${unit} (${better})`)];
  for (const [i, row] of rows.entries()) {
    const top = y + 22 + i * ROW;
    parts.push(`<text x="${x + LABEL - 6}" y="${top + 12}" text-anchor="end">${servers[i]}</text>`);
    if (!row) continue;
    const scale = (value) => (BAR * value) / most;
    const end = x + LABEL + scale(row.median);
    const [least, highest] = [row.least, row.most].map((value) => (x + LABEL + scale(value)).toFixed(1));
    const fill = colour(servers[i]);
    const width = scale(row.median).toFixed(1);
    parts.push(`<rect x="${x + LABEL}" y="${top + 2}" width="${width}" height="13" fill="${fill}"/>`);
    parts.push(`<path d="M${least} ${top + 8.5}H${highest}" stroke="${LINE}"/>`);
    const text = `${write(row.median)} ×${row.ratio.toFixed(2)}`;
    parts.push(`<text x="${Math.max(end, Number(highest)) + 5}" y="${top + 12}">${text}</text>`);
  }
  return parts.join('\n');
};

const note = `${date}; ${machine}; medians of ${runs} runs, lines from least to most; × is against ${servers[0]}`;
const text = `${date}, ${machine}; server on one core, load on the other; medians of ${runs} runs, then the least and the most, then the server's CPU time of a message or a join; × is against ${servers[0]} in the same run.\n\n${table()}\n\n${crowd()}`;
const name = 'The server beside others under load';
writeSection('bench', `![${name}](images/bench.svg)\n\n${text.trimEnd()}`);
writeImage('bench.svg', plot(name, note, cases.map(panel), PANEL));
