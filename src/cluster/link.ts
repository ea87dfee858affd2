import { ClusterDown, type Note } from './cluster.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Entries of an inbox that Redis keeps, about: what a reader may miss and still catch up with. */
const INBOX_LENGTH = 10_000;
/** Notes of one entry at most, and of all that wait for one instance, in characters of their frames. */
const MOST_NOTES = 256;
const MOST_WAITING = 8 * 1024 * 1024;

interface Waiting {
  note: Note;
  size: number;
  resolve(): void;
  reject(error: ClusterDown): void;
}

/**
 * The way to one other instance: its inbox, a stream. One append is under way at a time, and what comes
 * meanwhile goes into the next one. An append that has to be repeated has the number that it had, so that the
 * reader takes it once.
 */
export class Link {
  readonly #connection: RedisConnection;
  readonly #inbox: string;
  readonly #from: string;
  #queue: Waiting[] = [];
  #size = 0;
  /** A later link to the same inbox begins with a greater one: its reader must not take it for a repetition. */
  #last = Date.now() * 1000;
  #busy = false;

  /** @param from this instance */
  constructor(connection: RedisConnection, inbox: string, from: string) {
    this.#connection = connection;
    this.#inbox = inbox;
    this.#from = from;
  }

  /** @throws ClusterDown if it could not be written; Undelivered, if too much waits already */
  send(note: Note): Promise<void> {
    const size = 'frame' in note ? note.frame.length : 0;
    if (this.#size + size > MOST_WAITING) {
      // What nobody is told to have got lost it is to look up itself.
      if (note.is === 'chat' || note.is === 'state')
        this.#add({ is: 'room', room: note.room, anew: true }, 0).catch(() => {});
      return Promise.reject(new Undelivered('too much waits for this instance'));
    }
    return this.#add(note, size);
  }

  #add(note: Note, size: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ note, size, resolve, reject });
      this.#size += size;
      if (!this.#busy) void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    this.#busy = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MOST_NOTES);
      try {
        await this.#append(batch.map(({ note }) => note));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error as ClusterDown);
      }
      for (const { size } of batch) this.#size -= size;
    }
    this.#busy = false;
  }

  async #append(notes: Note[]): Promise<void> {
    const number = String(++this.#last);
    const args = ['XADD', this.#inbox, 'NOMKSTREAM', 'MAXLEN', '~', String(INBOX_LENGTH), '*'];
    const id = await this.#connection.run(this.#inbox, [
      ...args,
      'from',
      this.#from,
      'n',
      number,
      ...encode(notes),
    ]);
    if (id === null) throw new Undelivered('the instance has no inbox');
  }
}

/** One instance gets nothing just now: it is not there, its inbox is lost or full. No fault of the connection. */
export class Undelivered extends ClusterDown {
  override name = 'Undelivered';
}

/** Frames are fields of their own: JSON text in JSON text would be escaped once more. */
function encode(notes: Note[]): string[] {
  const frames: string[] = [];
  const heads = notes.map((note) => {
    if (!('frame' in note)) return note;
    const { frame, ...head } = note;
    frames.push('f', frame);
    return { ...head, frame: true };
  });
  return ['notes', JSON.stringify(heads), ...frames];
}

/** The notes of one entry. */
export function decodeNotes(fields: string[]): Note[] {
  const heads = JSON.parse(fields[5]!) as (Note & { frame?: unknown })[];
  let at = 7;
  return heads.map((head) => {
    if (!head.frame) return head;
    const frame = fields[at]!;
    at += 2;
    return { ...head, frame } as Note;
  });
}
