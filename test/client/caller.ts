import { expect, onTestFinished } from 'vitest';
import { joinRoom, type Room, type RoomError } from '../../client/src/index.ts';

/** Candidates that follow each offer and each answer. */
const CANDIDATES = 3;

/** A client of the library that sets a call up with everybody it meets, and notes what it hears. */
export class Caller {
  readonly room: Room;
  /** Joined, left, away and back, with the peer id. */
  readonly heard: string[] = [];
  readonly chats: unknown[] = [];
  /** Everything sent so far: settles when it has its receipt. */
  readonly sent: Promise<unknown>[] = [];
  /** Signals by peer id, as they came. */
  readonly signals = new Map<string, string[]>();

  /** @param port gives the port of an instance, for each connection anew */
  constructor(port: () => number, room: string, peerId: string) {
    this.room = joinRoom({
      url: 'ws://127.0.0.1:1',
      room,
      peerId,
      connect: (url, protocols) => new WebSocket(url.replace(':1/', `:${port()}/`), protocols),
    });
    onTestFinished(() => this.room.leave());
    for (const event of ['peer-left', 'peer-away', 'peer-back'] as const)
      this.room.on(event, ({ id }) => this.heard.push(`${event} ${id}`));
    this.room.on('closed', (error) => error && this.heard.push(`closed ${error.detail}`));
    this.room.on('chat', ({ data }) => this.chats.push(data));
    this.room.on('peer-joined', ({ peer, offer }) => {
      this.heard.push(`peer-joined ${peer.id}`);
      if (offer) this.#describe(peer.id, 'offer');
    });
    this.room.on('signal', ({ type, from, data }) => {
      const signals = this.signals.get(from.id) ?? [];
      this.signals.set(from.id, signals);
      signals.push(`${type} ${(data as { n: number }).n}`);
      if (type === 'offer') this.#describe(from.id, 'answer');
    });
  }

  /** Waits until everything it sent has its receipt, or was reported as lost. */
  async settled(): Promise<void> {
    for (let n = 0; n < this.sent.length; n++) await this.sent[n];
  }

  /** Once more, where its instance could not reach another one for a moment: the order is not looked at. */
  chat(data: string): void {
    const say = (): Promise<unknown> =>
      this.room.chat(data).catch((error: RoomError) => {
        if (error.detail === 'peer-away') return say();
        throw error;
      });
    this.#keep(say());
  }

  /** Everything that one peer has to say for a call came, once and in order. */
  checkCallWith(peer: string): void {
    const [first, ...rest] = this.signals.get(peer) ?? [];
    expect(first, `${peer} to ${this.room.peerId}`).toMatch(/^(offer|answer) 0$/);
    expect(rest).toEqual(Array.from({ length: CANDIDATES }, (_, n) => `ice ${n + 1}`));
  }

  #describe(to: string, type: 'offer' | 'answer'): void {
    this.#keep(this.room.send(to, type, { n: 0 }));
    for (let n = 1; n <= CANDIDATES; n++) this.#keep(this.room.send(to, 'ice', { n }));
  }

  #keep(work: Promise<unknown>): void {
    work.catch(() => {}); // `settled` tells
    this.sent.push(work);
  }
}
