import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from '../helper.ts';

/** The key of the servers under test. */
export const WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

interface Body {
  id: string;
  type: string;
  time: string;
  room: string;
  peer?: string;
  session?: string;
}

/** What a receiver was sent. */
export interface Delivery {
  headers: IncomingHttpHeaders;
  text: string;
  body: Body;
  /** What it was answered with. */
  status: number;
}

/** A web app that takes webhooks, on a free port of 127.0.0.1. */
export class Receiver {
  readonly all: Delivery[] = [];
  url = '';
  /** How the next ones are answered; 0: not at all. @default 204 */
  answer: (delivery: Delivery) => number = () => 204;

  async start(): Promise<this> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const delivery = { headers: request.headers, text, body: JSON.parse(text), status: 0 };
      delivery.status = this.answer(delivery);
      this.all.push(delivery);
      if (delivery.status === 0) return;
      response.writeHead(delivery.status, delivery.status === 307 ? { location: '/elsewhere' } : {}).end();
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return this;
  }

  /** What it has taken, in order: "peer.joined room-1 a". */
  get taken(): string[] {
    return this.all
      .filter(({ status }) => status >= 200 && status < 300)
      .map(({ body: { type, room, peer } }) => [type, room, peer].filter(Boolean).join(' '));
  }

  /** Waits until it has taken exactly these, in this order. */
  async takes(...expected: string[]): Promise<void> {
    await until(() => this.taken.length >= expected.length);
    const { taken } = this;
    if (taken.join('\n') !== expected.join('\n'))
      throw new Error(`expected\n${expected.join('\n')}\ngot\n${taken.join('\n')}`);
  }
}

/** The settings of a server that tells this receiver. */
export const telling = ({ url }: Receiver) => ({ WEBHOOK_URL: url, WEBHOOK_SECRET });
