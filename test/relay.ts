import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A port that passes connections on to another one, and can cut them. */
export interface Relay {
  port: number;
  /** Ends all that are open. */
  cut(): void;
}

/**
 * Starts one; it ends after the test.
 *
 * @param target the other port
 * @param opened is told of each connection, with what ends it
 */
export async function relay(
  target: () => number,
  opened: (from: Socket, to: Socket, cut: () => void) => void = () => {},
): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer((from) => {
    const to = dial(target(), '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    opened(from, to, () => from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cut };
}
