import type { Cluster, History } from '../cluster/cluster.ts';
import type { ChatLogs } from './chat-log.ts';
import type { Peer } from './peer.ts';
import type { Room, Seating } from './room.ts';

/**
 * How long a number that is missing is waited for before it is looked up, ms: longer than a note may be held up
 * by a broken connection, as one that is looked up overtakes what its sender said before it.
 */
const PATIENCE = 1_500;

/** A numbered message. */
export interface Numbered {
  seq: number;
  frame: Buffer;
  /** Names it, if its sender did. */
  key: string | undefined;
  /** Who sent it; empty if that is not known. */
  from: string;
}

/** One that came too early, and what its sender did after it. */
interface Early extends Numbered {
  behind: (() => void)[];
}

/** For every room to which nothing has ever come too early, which is most: nothing is put into it. */
const NONE = new Map<number, Early>();

/**
 * Brings a room's chat to those who are connected here in the order of its numbers, from wherever it was sent,
 * and keeps it the same as that of the other instances.
 */
export class ChatFeed {
  readonly #room: Room;
  readonly #chats: ChatLogs;
  readonly #cluster: Cluster;
  #early = NONE;
  #timer: NodeJS.Timeout | undefined;

  constructor(room: Room, chats: ChatLogs, cluster: Cluster) {
    this.#room = room;
    this.#chats = chats;
    this.#cluster = cluster;
  }

  /** @param sender who sent it, if that is somebody here: a repetition is only for its eyes, as a receipt */
  take(message: Numbered, sender?: Peer): void {
    const { chat } = this.#room;
    const { seq, frame } = message;
    if (seq <= chat.seq) {
      // One without a name is no repetition: it was read from the log, and brought to all, before this.
      if (message.key !== undefined) sender?.send(frame);
    } else if (seq === chat.seq + 1) {
      this.#bring(message);
      this.#drain();
    } else {
      this.#keep(message);
      this.#timer ??= setTimeout(() => void this.#lookUp(), PATIENCE);
    }
  }

  /** Does something that a peer did after its last chat message: once that has been brought. */
  after(from: string, act: () => void): void {
    let last: Early | undefined;
    for (const early of this.#early.values())
      if (early.from === from && early.seq > (last?.seq ?? 0)) last = early;
    if (last) last.behind.push(act);
    else act();
  }

  /** Nobody is here any more who could be brought anything. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const { behind } of this.#early.values()) for (const act of behind) act();
    this.#early.clear();
  }

  /** Gets the chat of a room in which nobody was here so far, or what newcomers have seen of it elsewhere. */
  async load(newcomers: Iterable<Seating>): Promise<void> {
    const { chat, id: room } = this.#room;
    // One who comes from an instance that died may have seen what that could not tell the others any more.
    const isAhead = ({ arrival: { since = 0, chatLog } }: Seating) => since > chat.seq && chatLog === chat.id;
    if (this.#room.chatKnown) {
      if ([...newcomers].some(isAhead)) await this.catchUp();
      return;
    }
    const { log, seq, messages } = await this.#cluster.history(room, 0);
    this.#room.chatKnown = true;
    if (log === '') {
      // What all instances know of the room names its chat for all of them, before there is a first message.
      if (chat.seq === 0) chat.id = this.#room.born;
      return;
    }
    this.#chats.reset(chat);
    chat.id = log;
    for (const { seq, key, frame } of messages)
      this.#chats.keep(room, chat, { seq, key, frame: Buffer.from(frame) }, Date.now());
    chat.seq = Math.max(chat.seq, seq);
  }

  /** Writes back what the others may have lost of it. @throws ClusterDown */
  async save(): Promise<void> {
    const { chat, chatKnown, id } = this.#room;
    if (chat.seq > 0 || chatKnown) await this.#cluster.restore(id, chat.history());
  }

  /** Brings those who are here what others have kept of it meanwhile. @throws ClusterDown */
  async catchUp(): Promise<void> {
    const { chat, id } = this.#room;
    const { log, messages } = await this.#cluster.history(id, chat.seq);
    if (log !== '') chat.id = log;
    for (const { seq, key, frame } of messages) this.take({ seq, frame: Buffer.from(frame), key, from: '' });
  }

  #keep(message: Numbered): void {
    if (this.#early === NONE) this.#early = new Map();
    if (!this.#early.has(message.seq)) this.#early.set(message.seq, { ...message, behind: [] });
  }

  #bring({ seq, frame, key }: Numbered): void {
    this.#chats.keep(this.#room.id, this.#room.chat, { seq, frame, key }, Date.now());
    this.#room.broadcast(frame);
  }

  #drain(): void {
    const { chat } = this.#room;
    for (let next = this.#early.get(chat.seq + 1); next; next = this.#early.get(chat.seq + 1)) {
      this.#early.delete(next.seq);
      this.#bring(next);
      for (const act of next.behind) act();
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
      if (seq > chat.seq) this.#keep({ seq, key, frame: Buffer.from(frame), from: '' });
    // What is not kept any more is not waited for.
    while (this.#early.size > 0) {
      chat.seq = Math.min(...this.#early.keys()) - 1;
      this.#drain();
    }
  }
}
