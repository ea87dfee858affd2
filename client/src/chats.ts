import type { RoomError } from './errors.ts';
import type { Line } from './line.ts';
import { limit, NEVER } from './mailbox.ts';
import type { ChatMessage } from './types.ts';
import type { Frame } from './wire.ts';

/** How long after it was refused for its rate a message is sent again, ms. */
const AGAIN = 1_000;
/** Begins the ids of this library: no two messages ever have the same. */
const UNIQUE = 'c.';

interface Pending {
  id: string;
  to: string | undefined;
  data: unknown;
  /** When to send it again without being asked, ms since 1970. */
  due: number;
  resolve(message: ChatMessage): void;
  reject(error: RoomError): void;
}

/** This client's side of the chat: what waits for its echo, and what was seen of the room's. */
export class Chats {
  readonly #write: Line['write'];
  /** A page that was loaded again counts from 1 again, and the history still holds what it said before. */
  readonly #run = Math.random().toString(36).slice(2);
  readonly #pending = new Map<string, Pending>();
  /** What was sent again may have come already: private messages, and those from before a restart. */
  readonly #seen = new Set<string>();
  #count = 0;
  #since: number | undefined;

  constructor(write: Line['write']) {
    this.#write = write;
  }

  /** The last `seq` that was seen; undefined before the first welcome. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Sends a message; settles with its echo. */
  send(data: unknown, to: string | undefined): Promise<ChatMessage> {
    return new Promise((resolve, reject) => {
      const id = `${UNIQUE}${this.#run}.${++this.#count}`;
      const chat = { id, to, data, due: NEVER, resolve, reject };
      this.#pending.set(id, chat);
      this.#post(chat);
    });
  }

  /** What was missed; the messages that are new. Numbers that begin anew, on a server without memory, do here too. */
  *missed({ messages, complete }: { messages: Frame[]; complete: boolean }): Generator<Frame> {
    if (!complete) this.#since = (messages[0]?.seq ?? 1) - 1;
    this.#since ??= 0;
    yield* messages;
  }

  /** Sends again what has no echo yet: all of it, or what is due. */
  repeat(now = NEVER): void {
    for (const chat of this.#pending.values()) if (chat.due <= now) this.#post(chat);
  }

  /** A message came. @returns it, if it is new */
  take(frame: Frame, self: string): ChatMessage | undefined {
    const { from, data, to, seq, time = '' } = frame;
    const message = { from, data, time, to, seq };
    const isNew = (seq === undefined || seq > (this.#since ?? 0)) && !this.#isRepeated(from, frame.id);
    if (seq !== undefined) this.#since = Math.max(seq, this.#since ?? 0);
    if (from === self) {
      this.#pending.get(frame.id ?? '')?.resolve(message);
      this.#pending.delete(frame.id ?? '');
    }
    return isNew ? message : undefined;
  }

  /** The server refused a message. @returns whether it was one of the chat */
  refused(id: string | undefined, error: RoomError): boolean {
    const chat = this.#pending.get(id ?? '');
    if (!chat) return false;
    if (error.detail === 'rate-limited') chat.due = Date.now() + AGAIN;
    else {
      this.#pending.delete(chat.id);
      chat.reject(error);
    }
    return true;
  }

  #isRepeated(from: string, id: string | undefined): boolean {
    if (!id?.startsWith(UNIQUE)) return false;
    const name = `${from} ${id}`;
    if (this.#seen.has(name)) return true;
    this.#seen.add(name);
    limit(this.#seen);
    return false;
  }

  abandon(error: RoomError): void {
    for (const chat of this.#pending.values()) chat.reject(error);
    this.#pending.clear();
  }

  #post(chat: Pending): void {
    chat.due = NEVER;
    const { id, to, data } = chat;
    this.#write({ type: 'chat', to, data, id });
  }
}
