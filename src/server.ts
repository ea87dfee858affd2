import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import { ConfigError } from './config-error.ts';
import { drain } from './rooms/drain.ts';

// The environment wins over the file.
if (existsSync('.env.local')) process.loadEnvFile('.env.local');

const app = await buildApp(process.env).catch((error) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
const { config, log, rooms } = app;

// What was thrown harmed one call at most; to end the process would end all.
process.on('uncaughtException', (err) => log.fatal({ err }, 'uncaught exception'));
process.on('unhandledRejection', (err) => log.fatal({ err }, 'unhandled rejection'));

/** After the time of the drain what is left has this long to end, ms; then it is cut. */
const LAST_WORDS = 1_800;

let stopping = false;
async function stop(signal: NodeJS.Signals, seconds: number): Promise<void> {
  if (stopping) {
    log.warn({ signal }, 'second signal: exit at once');
    process.exit(1);
  }
  stopping = true;
  log.info({ signal, seconds, peers: rooms.census.peers }, 'draining');
  setTimeout(() => process.exit(0), seconds * 1000 + LAST_WORDS).unref();
  await drain(rooms, seconds);
  await app.close();
  // Nothing is left that would go on; to exit here could put this line before one that is still being written.
  log.info('stopped');
}
process.on('SIGTERM', (signal) => stop(signal, config.DRAIN_SECONDS));
// Ctrl-C in a terminal: nobody waits for a successor.
process.on('SIGINT', (signal) => stop(signal, 0));

try {
  await app.listen({ port: config.port, host: config.HOST });
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const isUnknown = code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EADDRNOTAVAIL';
  console.error(
    isUnknown ? new ConfigError('HOST', config.HOST, 'an address of this machine').message : message,
  );
  process.exit(1);
}
const { port } = app.server.address() as AddressInfo;
log.info(`connect to ws://localhost:${port}/ws/:room/:peerId`);
if (app.hasRoute({ method: 'GET', url: '/demo' })) log.info(`open http://localhost:${port}/demo in two tabs`);
