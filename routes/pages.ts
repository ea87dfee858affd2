import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
};

/** A page for browsers that needs no build: what is to be served under `/name`. */
export interface Page {
  /** Its path without the slash, and the project's folder that holds its `index.html`. */
  name: string;
  /** For the API page. */
  summary: string;
  /** Other folders of the project, by what the names of their files begin with. */
  folders?: Record<string, string>;
  /** Single files from elsewhere, by their names. */
  files?: Record<string, string>;
  /** What the page is to know: attributes that its HTML has, and leaves empty. */
  attributes: Record<string, string>;
}

/** Serves a page, if its folder is there: it is not where `dist/` stands alone and has no copy of it. */
export function servePage(fastify: FastifyInstance, page: Page): void {
  // The project's folder, seen from the sources or from `dist/`.
  const root = ['..', '../..']
    .map((up) => join(import.meta.dirname, up))
    .find((folder) => existsSync(join(folder, page.name, 'index.html')));
  if (root === undefined) return;
  let files: Map<string, string> | undefined;

  const response = {
    200: { description: 'The page', content: { 'text/html': { schema: { type: 'string' } } } },
  };
  const schema = { tags: ['pages'], summary: page.summary, response };
  fastify.get(`/${page.name}`, { schema }, (_request, reply) => send(reply, 'index.html'));
  const hidden = { schema: { hide: true } };
  fastify.get<{ Params: { '*': string } }>(`/${page.name}/*`, hidden, (request, reply) =>
    send(reply, request.params['*']),
  );

  /** Only what stands in the map is sent, so no path leads out of it. */
  function send(reply: FastifyReply, name: string): FastifyReply {
    files ??= prepare(root!, page);
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

/** The page's files by their names: as a browser can read them. */
function prepare(
  root: string,
  { name: own, folders = {}, files: single = {}, attributes }: Page,
): Map<string, string> {
  const files = new Map<string, string>();
  for (const [prefix, folder] of Object.entries({ '': own, ...folders })) {
    for (const name of readdirSync(join(root, folder))) {
      if (!(extname(name) in TYPES)) continue;
      const text = readFileSync(join(root, folder, name), 'utf8');
      files.set(prefix + name, extname(name) === '.ts' ? withoutTypes(text) : text);
    }
  }
  for (const [name, path] of Object.entries(single)) files.set(name, readFileSync(path, 'utf8'));
  let page = files.get('index.html')!;
  for (const [name, value] of Object.entries(attributes))
    page = page.replace(`${name}=""`, `${name}="${value}"`);
  return files.set('index.html', page);
}

/** Node would say once that its stripper is a release candidate, which is no news for this log. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return module.stripTypeScriptTypes(source);
  } catch (error) {
    // A Node without the stripper runs `dist/`, whose copies have no types any more.
    if ((error as { code?: string }).code === 'ERR_NO_TYPESCRIPT') return source;
    throw error;
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
