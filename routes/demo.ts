import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
};

/** The project's folder, seen from the sources or from `dist/`; none where `dist/` stands alone. */
const root = ['..', '../..']
  .map((up) => join(import.meta.dirname, up))
  .find((folder) => existsSync(join(folder, 'demo/index.html')));

/** A page to try the server with, built on the library in `client/`; production has none. */
export default async function demo(fastify: FastifyInstance) {
  const { config } = fastify;
  if (config.production || root === undefined) return;
  let files: Map<string, string> | undefined;

  const schema = {
    tags: ['pages'],
    summary: 'A page to try the server with',
    response: { 200: { description: 'The page', content: { 'text/html': { schema: { type: 'string' } } } } },
  };
  fastify.get('/demo', { schema }, (_request, reply) => send(reply, 'index.html'));
  fastify.get<{ Params: { '*': string } }>('/demo/*', { schema: { hide: true } }, (request, reply) =>
    send(reply, request.params['*']),
  );

  /** Only what stands in the map is sent, so no path leads out of it. */
  function send(reply: FastifyReply, name: string): FastifyReply {
    files ??= prepare(root!, config.auth);
    const body = files.get(name);
    if (body === undefined) {
      reply.callNotFound();
      return reply;
    }
    return reply
      .type(TYPES[extname(name)]!)
      .header('Cache-Control', 'no-cache')
      .header('Content-Security-Policy', policy(files.get('index.html')!))
      .header('Referrer-Policy', 'no-referrer') // the page's URL may hold a token
      .header('X-Content-Type-Options', 'nosniff')
      .send(body);
  }
}

/** The page's files by their names under `/demo/`, the library's under `client/`: as a browser can read them. */
function prepare(root: string, auth: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [folder, prefix] of [
    ['demo', ''],
    ['client/src', 'client/'],
  ] as const) {
    for (const name of readdirSync(join(root, folder))) {
      if (!(extname(name) in TYPES)) continue;
      const text = readFileSync(join(root, folder, name), 'utf8');
      files.set(prefix + name, extname(name) === '.ts' ? withoutTypes(text) : text);
    }
  }
  const page = files.get('index.html')!;
  return files.set('index.html', page.replace('data-auth=""', `data-auth="${auth}"`));
}

/** Node would say once that its stripper is a release candidate, which is no news for this log. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return module.stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Nothing from elsewhere, and of inline scripts the import map alone. */
function policy(page: string): string {
  const [, map = ''] = /<script type="importmap">(.*?)<\/script>/s.exec(page) ?? [];
  const hash = createHash('sha256').update(map).digest('base64');
  return [
    "default-src 'none'",
    "base-uri 'none'",
    "connect-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
