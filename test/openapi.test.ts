import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { build } from './helper.ts';

interface Operation {
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { in: string; name: string; required: boolean }[];
  responses: Record<string, { description: string }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const ENV = { ADMIN_TOKEN: 'x' };

async function documentOf(env: Record<string, string> = ENV): Promise<Document> {
  const { url } = await build(env);
  return (await (await fetch(`${url}/docs/json`)).json()) as Document;
}

/** Every route of the app as "GET /path/{param}", from the router's own tree; what is for files aside. */
async function routes(): Promise<string[]> {
  const { app } = await build(ENV);
  const found: string[] = [];
  const above: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, path, methods] = /^([│├└─ ]*)(\S.*?) \((.*)\)$/.exec(line) ?? [];
    if (indent === undefined) continue;
    const depth = indent.length / 4 - 1;
    above.splice(depth, Number.POSITIVE_INFINITY, path!);
    const whole = above.join('').replace(/:(\w+)/g, '{$1}');
    for (const method of methods!.split(', ')) found.push(`${method} ${whole}`);
  }
  return found.filter((route) => !/^(HEAD|OPTIONS) |\*$|^GET \/docs/.test(route)).sort();
}

const operations = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  );

describe('the description of the HTTP routes', () => {
  test('is valid OpenAPI 3.1', async () => {
    const document = await documentOf();
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(document as never)).toEqual({ valid: true });
    const broken = structuredClone(document) as unknown as { paths: Record<string, unknown> };
    broken.paths['/stats'] = { get: { responses: 'none' } };
    expect((await new Validator().validate(broken as never)).valid).toBe(false);
  });

  test('has every route, and nothing else', async () => {
    const listed = operations(await documentOf()).map(({ name }) => name);
    expect(listed.sort()).toEqual(await routes());
    expect(listed).toEqual(
      expect.arrayContaining(['GET /', 'DELETE /admin/rooms/{room}', 'GET /ws/{room}/{peerId}']),
    );
  });

  test('says of each what it is for, what it answers, and who may ask', async () => {
    for (const { name, summary, tags, security, responses } of operations(await documentOf())) {
      expect(summary, name).toMatch(/^[A-Z].+[^.]$/);
      expect(tags, name).toHaveLength(1);
      for (const [status, { description }] of Object.entries(responses))
        expect(description, `${name} ${status}`).not.toBe('Default Response');
      const open = tags![0] === 'pages' || ['GET /', 'GET /health', 'GET /ready'].includes(name);
      const scheme = { admin: 'adminToken', operators: 'statsToken', clients: 'roomToken' }[tags![0]!];
      expect(
        security?.flatMap((one) => Object.keys(one)),
        name,
      ).toEqual(open ? undefined : [scheme]);
    }
  });

  test('what has a default need not be given', async () => {
    const { paths } = await documentOf();
    const limits = ['/stats', '/calls'].map((path) => paths[path]!.get!.parameters!);
    for (const parameters of limits) expect(parameters.map(({ required }) => required)).not.toContain(true);
  });

  test('is a page in development, and in production there is none', async () => {
    const { url } = await build();
    const page = await fetch(`${url}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const production = await build({ ENVIRONMENT: 'production', JWT_SECRET: 'x'.repeat(32) });
    for (const path of ['/docs', '/docs/', '/docs/json'])
      expect((await fetch(production.url + path)).status).toBe(404);
  });

  test('describes the socket without judging a join by it: codes that a browser can read do that', async () => {
    const { url } = await build();
    expect((await fetch(`${url}/ws/r/a?since=x&since=y`)).status).toBe(426);
  });
});
