import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import pretty from 'pino-pretty';
import auth from '../plugins/auth.ts';
import canary from '../plugins/canary.ts';
import cluster from '../plugins/cluster.ts';
import config from '../plugins/config.ts';
import cors from '../plugins/cors.ts';
import ice from '../plugins/ice.ts';
import metrics from '../plugins/metrics.ts';
import openapi from '../plugins/openapi.ts';
import rooms from '../plugins/rooms.ts';
import webhooks from '../plugins/webhooks.ts';
import websocket from '../plugins/websocket.ts';
import admin from '../routes/admin.ts';
import calls from '../routes/calls.ts';
import dashboard from '../routes/dashboard.ts';
import demo from '../routes/demo.ts';
import health from '../routes/health.ts';
import iceServers from '../routes/ice-servers.ts';
import metricsRoute from '../routes/metrics.ts';
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
    logger: { serializers, ...(stream ? { stream } : {}) },
    // Requests would be logged with their URLs, and a URL may hold a token.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: (address: string) => app.config.trustsProxy(address),
    // What may take its time at the start has limits of its own, and a busy machine is no reason to end.
    pluginTimeout: 0,
    requestTimeout: 2 * HEADERS_TIMEOUT,
    forceCloseConnections: true,
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
      // Of an upgrade that did not reach its route nobody else ends the socket.
      const { socket } = request.raw;
      if (request.raw.headers.upgrade) reply.raw.once('finish', () => socket.destroySoon());
      reply.code(error.statusCode ?? 500).send({ error: 'Bad Request', path: pathOf(request.url) });
    },
  });
  app.setNotFoundHandler(notFound);
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
  // At once, or the body of a request that nobody waits for would be read, and refused for what is wrong in it.
  app.addHook('onRequest', (request, reply, done) => (request.is404 ? notFound(request, reply) : done()));
  await app.register(cluster);
  await app.register(auth);
  await app.register(ice);
  await app.register(rooms);
  await app.register(metrics);
  await app.register(webhooks);
  await app.register(openapi);
  await app.register(canary);

  await app.register(root);
  await app.register(health);
  await app.register(ready);
  await app.register(stats);
  await app.register(calls);
  await app.register(metricsRoute);
  await app.register(admin);
  await app.register(iceServers);
  await app.register(signaling);
  await app.register(demo);
  await app.register(dashboard);
  await app.ready();
  return app;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!;
}

/** JSON leaves these characters raw, and a terminal or a log viewer may take one for a new line or a command. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

function escaped(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** How what comes from outside is logged: it can't forge a line, and an error does not bring its request along. */
const serializers = {
  room: escaped,
  peer: escaped,
  to: escaped,
  err: (error: Error & { code?: string }) => ({
    type: error.name,
    code: error.code,
    message: error.message,
    stack: error.stack ?? '',
  }),
};

function notFound(request: FastifyRequest, reply: FastifyReply): void {
  reply.code(404).send({ error: 'Not Found', path: pathOf(request.url) });
}
