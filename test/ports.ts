import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Each worker takes its ports from a range of its own: they are looked for now, and bound a little later. */
const RANGE = 1_000;
const FIRST = 20_000 + RANGE * (Number(process.env.VITEST_POOL_ID ?? 0) % 10);

/** Those that were handed out here, and may not be bound yet. */
const given = new Set<number>();

/**
 * A port of 127.0.0.1 that nobody has at the moment, for TCP and UDP. From below those that the system hands out
 * to everybody else's sockets: so it stays free until it is wanted, and while its server is started anew.
 */
export async function freePort(): Promise<number> {
  if (given.size > RANGE / 2) given.clear();
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * RANGE);
    if (given.has(port)) continue;
    const datagrams = createSocket('udp4');
    const streams = createServer();
    try {
      datagrams.bind(port, '127.0.0.1');
      await once(datagrams, 'listening');
      streams.listen(port, '127.0.0.1');
      await once(streams, 'listening');
      given.add(port);
      return port;
    } catch {
      // Taken: another one.
    } finally {
      datagrams.close();
      if (streams.listening) await new Promise((resolve) => streams.close(resolve));
    }
  }
}
