import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const docs = new URL('../docs/', import.meta.url);
const END = '<!-- Until here. -->';

/** Puts this text into docs/performance.md, between the mark of this command and the end mark after it. */
export function writeSection(command: string, text: string): void {
  const path = new URL('performance.md', docs);
  const page = readFileSync(path, 'utf8');
  const mark = `<!-- Written by npm run ${command}. -->`;
  const start = page.indexOf(mark) + mark.length;
  const end = page.indexOf(END, start);
  if (start < mark.length || end < 0) throw new Error(`docs/performance.md lacks the marks of ${command}`);
  writeFileSync(path, `${page.slice(0, start)}\n\n${text}\n\n${page.slice(end)}`);
  console.log('Wrote docs/performance.md');
}

export function writeImage(name: string, svg: string): void {
  mkdirSync(new URL('images/', docs), { recursive: true });
  writeFileSync(new URL(`images/${name}`, docs), svg);
  console.log(`Wrote docs/images/${name}`);
}
