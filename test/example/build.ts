import type { TestProject } from 'vitest/node';
import { buildExample, type Example, serveExample } from '../../scripts/serve-example.ts';
import { has } from '../helper.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The example's production build, served; undefined where a part is missing. */
    example: Example | undefined;
  }
}

/** Builds the example once, and serves it until the run ends. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  project.provide('example', undefined);
  if (!has('example')) return undefined;
  buildExample();
  const { close, ...example } = await serveExample();
  project.provide('example', example);
  return close;
}
