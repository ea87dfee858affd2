import type { Cluster, History } from '../cluster/cluster.ts';
import type { ChatLogs } from './chat-log.ts';
import type { Peer } from './peer.ts';
import type { Room } from './room.ts';

/** How long a number that is missing is waited for before it is looked up, ms. */
const PATIENCE = 100;

/** A numbered message that came too early. */
interface Early {
  frame: Buffer;
  key: string | undefined;
}

/** Brings a room's chat to those who are connected here in the order of its numbers, from wherever it was sent. */
export class ChatFeed {
  readonly #room: Room;
  readonly #chats: ChatLogs;
  readonly #cluster: Cluster;
  readonly #early = new Map<number, Early>();
  #timer: NodeJS.Timeout | undefined;

  constructor(room: Room, chats: ChatLogs, cluster: Cluster) {
    this.#room = room;
    this.#chats = chats;
    this.#cluster = cluster;
  }

  /** @param sender who sent it, if that is somebody here: a repetition is only for its eyes, as a receipt */
  take(seq: number, frame: Buffer, key: string | undefined, sender?: Peer): void {
    const { chat } = this.#room;
    if (seq <= chat.seq) {
      sender?.send(frame);
    } else if (seq === chat.seq + 1) {
      this.#bring(seq, frame, key);
      this.#drain();
    } else {
      this.#early.set(seq, { frame, key });
      this.#timer ??= setTimeout(() => void this.#lookUp(), PATIENCE);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #bring(seq: number, frame: Buffer, key: string | undefined): void {
    this.#chats.keep(this.#room.id, this.#room.chat, { seq, frame, key }, Date.now());
    this.#room.broadcast(frame);
  }

  #drain(): void {
    const { chat } = this.#room;
    for (let next = this.#early.get(chat.seq + 1); next; next = this.#early.get(chat.seq + 1)) {
      this.#early.delete(chat.seq + 1);
      this.#bring(chat.seq + 1, next.frame, next.key);
    }
    if (this.#early.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #lookUp(): Promise<void> {
    const { chat, id } = this.#room;
    const none: History = { log: '', seq: 0, messages: [] };
    const { messages } = await this.#cluster.history(id, chat.seq).catch(() => none);
    this.#timer = undefined;
    for (const { seq, key, frame } of messages)
      if (seq > chat.seq) this.#early.set(seq, { key, frame: Buffer.from(frame) });
    // What is not kept any more is not waited for.
    while (this.#early.size > 0) {
      chat.seq = Math.min(...this.#early.keys()) - 1;
      this.#drain();
    }
  }
}
