import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import pretty from 'pino-pretty';
import auth from '../plugins/auth.ts';
import config from '../plugins/config.ts';
import cors from '../plugins/cors.ts';
import ice from '../plugins/ice.ts';
import rooms from '../plugins/rooms.ts';
import websocket from '../plugins/websocket.ts';
import health from '../routes/health.ts';
import iceServers from '../routes/ice-servers.ts';
import ready from '../routes/ready.ts';
import root from '../routes/root.ts';
import signaling from '../routes/signaling.ts';
import stats from '../routes/stats.ts';

/** Headers are to be complete within this time, ms; Node looks each second. */
const HEADERS_TIMEOUT = 8_000;

/**
 * The server, ready to listen.
 *
 * @param env environment variables, as in `.env.local.example`
 * @param log where the log goes instead of to the standard output
 * @throws ConfigError when a setting can't be used
 */
export async function buildApp(
  env: Record<string, string | undefined>,
  log?: { write(line: string): void },
): Promise<FastifyInstance> {
  const json = env.ENVIRONMENT === 'production' || env.ENVIRONMENT === 'test';
  const stream = json
    ? log
    : pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss', singleLine: true, sync: true });
  const app: FastifyInstance = Fastify({
    logger: stream ? { stream } : true,
    // Requests would be logged with their URLs, and a URL may hold a token.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: (address: string) => app.config.trustsProxy(address),
    requestTimeout: 2 * HEADERS_TIMEOUT,
    // Every length of id gets as far as the socket route, which answers with a close code.
    routerOptions: { maxParamLength: 65_536 },
    http: {
      headersTimeout: HEADERS_TIMEOUT,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 32_768,
      // Other upgrades, as to HTTP/2, are for ignoring (RFC 9110, section 7.8).
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    frameworkErrors: (error, request, reply: FastifyReply) => {
      reply.code(error.statusCode ?? 500).send({ error: 'Bad Request', path: pathOf(request.url) });
    },
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ error: 'Not Found', path: pathOf(request.url) });
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: 'Bad Request', message: error.message });
    app.log.error({ err: error }, 'request failed');
    return reply.code(500).send({ error: 'Internal Server Error' });
  });

  await app.register(config, { env });
  app.log.level = app.config.LOG_LEVEL;
  await app.register(cors);
  await app.register(websocket);
  await app.register(auth);
  await app.register(ice);
  await app.register(rooms);

  await app.register(root);
  await app.register(health);
  await app.register(ready);
  await app.register(stats);
  await app.register(iceServers);
  await app.register(signaling);
  await app.ready();
  return app;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!;
}
