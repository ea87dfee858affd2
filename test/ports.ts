import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that nobody has at the moment, for TCP and UDP. From below those that the system hands out
 * to everybody else's sockets: so it stays free until it is wanted, and while its server is started anew.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const datagrams = createSocket('udp4');
    const streams = createServer();
    try {
      datagrams.bind(port, '127.0.0.1');
      await once(datagrams, 'listening');
      streams.listen(port, '127.0.0.1');
      await once(streams, 'listening');
      return port;
    } catch {
      // Taken: another one.
    } finally {
      datagrams.close();
      if (streams.listening) await new Promise((resolve) => streams.close(resolve));
    }
  }
}
