import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** How the server answered an upgrade request: 101, or the refusal before the handshake. */
export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Parsed; of a 101 undefined. */
  body: unknown;
}

/**
 * Asks for an upgrade and reads the answer. A refusal has to end the connection as well: after an upgrade
 * request nobody else looks after the socket, so one that stayed open would stay for good.
 */
export async function upgrade(
  server: { port: number },
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  onTestFinished(() => ws.terminate());
  ws.on('error', () => {});
  const answer = Promise.withResolvers<IncomingMessage>();
  ws.on('upgrade', answer.resolve);
  ws.on('unexpected-response', (_request, response) => answer.resolve(response));
  ws.on('error', answer.reject);
  const response = await answer.promise;
  const { statusCode: status = 0, socket } = response;
  if (status === 101) return { status, headers: response.headers, body: undefined };
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  if (!socket.closed) await once(socket, 'close');
  return { status, headers: response.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
}
