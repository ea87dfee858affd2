import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What a page loads for signaling and calls together, bundled, minified and gzipped, stays below this, bytes. */
const MOST = 8 * 1024;

const { outputFiles } = await build({
  entryPoints: [`${import.meta.dirname}/../client/src/index.ts`],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  write: false,
});
const size = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
console.log(`record-meet-client: ${size} of ${MOST} bytes, bundled, minified and gzipped`);
if (size >= MOST) process.exitCode = 1;
