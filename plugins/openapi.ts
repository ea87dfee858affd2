import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import fp from 'fastify-plugin';
import about from '../package.json' with { type: 'json' };

/** Nothing from elsewhere; inline styles, because the page of the library has some. */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self' data:; " +
  "object-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'";

/** What has a default need not be given, though the checked query always has it. */
function withoutNeedless(schema: FastifySchema = {}): FastifySchema {
  const query = schema.querystring as { required?: string[]; properties: Record<string, object> } | undefined;
  if (!query?.required) return schema;
  const required = query.required.filter((name) => !('default' in query.properties[name]!));
  return { ...schema, querystring: { ...query, required } };
}

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description }) as const;

/** Describes the routes from their own schemas (OpenAPI 3.1), at `/docs` too; production does without. */
export default fp(
  async function openapi(fastify) {
    if (fastify.config.production) return;
    await fastify.register(swagger, {
      transform: ({ schema, url }) => ({ schema: withoutNeedless(schema), url }),
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Record Meet signaling server',
          version: about.version,
          description: 'The HTTP side of the server. What passes over the socket is in `docs/asyncapi.yaml`.',
          license: { name: about.license, identifier: about.license },
        },
        tags: [
          { name: 'clients', description: 'For the pages that call' },
          { name: 'operators', description: 'For dashboards, probes, and who asks at night' },
          { name: 'admin', description: 'For who steps in; only with `ADMIN_TOKEN` set' },
          { name: 'pages', description: 'For browsers' },
        ],
        components: {
          securitySchemes: {
            roomToken: { ...bearer('A room token'), bearerFormat: 'JWT' },
            statsToken: bearer('The `STATS_TOKEN`; not wanted where none is set'),
            adminToken: bearer('The `ADMIN_TOKEN`'),
          },
        },
      },
    });
    await fastify.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: POLICY,
      uiConfig: { validatorUrl: null },
    });
  },
  { name: 'openapi', fastify: '5.x', dependencies: ['config'] },
);
