import type { AddressInfo } from 'node:net';
import fp from 'fastify-plugin';
import { hmacKey, signRoomToken } from '../src/auth/room-tokens.ts';
import { canaryRoom, runCanary } from '../src/canary/canary.ts';
import { canaryGauges } from '../src/canary/gauges.ts';

/** Lets the server try itself every `CANARY_SECONDS`, over a socket of its own; the result is in `/metrics`. */
export default fp(
  async function canary(fastify) {
    const { config, rooms, log, metrics } = fastify;
    if (config.CANARY_SECONDS === 0) return;
    const key = await hmacKey(config.JWT_SECRET);
    const room = canaryRoom();
    const tokenFor = (peer: string) => signRoomToken(room, peer, key);
    const stop = new AbortController();
    const { signal } = stop;
    let show: ReturnType<typeof canaryGauges> | undefined;
    let timer: NodeJS.Timeout | undefined;

    async function run(url: string): Promise<void> {
      const result = await runCanary({ url, room, tokenFor, signal });
      // While the server goes away, nobody is let in.
      if (rooms.draining || signal.aborted) return;
      show ??= canaryGauges(metrics);
      show(result);
      if (result.failed) log.warn(result.failed, 'canary failed');
      timer = setTimeout(run, config.CANARY_SECONDS * 1000, url);
    }

    fastify.addHook('onListen', async () => {
      void run(urlOf(fastify.server.address() as AddressInfo));
    });
    fastify.addHook('onClose', async () => {
      stop.abort();
      clearTimeout(timer);
    });
  },
  { name: 'canary', fastify: '5.x', dependencies: ['config', 'rooms', 'metrics'] },
);

/** Where this process reaches itself. */
function urlOf({ address, family, port }: AddressInfo): string {
  if (family === 'IPv4') return `ws://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
  return `ws://[${address === '::' ? '::1' : address}]:${port}`;
}
