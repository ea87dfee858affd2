import type { Entry, Figures, Member, Question } from '../cluster/cluster.ts';
import { SERVER_ID } from '../protocol/ids.ts';
import type { RoomSummary } from './census.ts';
import { sayText, stamp } from './frames.ts';
import { takeNote } from './notes.ts';
import { mergePairs, type Pair } from './pairs.ts';
import type { Rooms } from './rooms.ts';

/** How long another instance has to answer, ms: it may have to ping a client first. */
const ANSWER_WITHIN = 3_500;
/** The age of a figure that still counts, ms. */
const FRESH = 3_000;

interface Waiting {
  resolve(answer: unknown): void;
  timer: NodeJS.Timeout;
}

/** Rooms and peers of all instances together. */
export interface ClusterStats {
  roomCount: number;
  totalPeers: number;
  away: number;
  rooms: RoomSummary[];
  scope: 'instance' | 'cluster';
  instances: { heard: number; expected: number; complete: boolean };
}

/** What is asked of all instances together: the questions to the others, and their answers. */
export class Exchange {
  readonly #rooms: Rooms;
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** Whether a connection gives a sign of life within two seconds. If that can't be asked, it counts as alive. */
  async isAlive(room: string, { id: peer, conn, instance }: Entry): Promise<boolean> {
    const { cluster, known } = this.#rooms;
    if (instance === cluster.instance) {
      const here = known.find(room, peer);
      return here?.entry.conn === conn && ((await here.session?.probe()) ?? false);
    }
    if (cluster.state !== 'up') return true;
    const answer = await this.ask(instance, { about: 'conn', room, peer, conn });
    return answer === undefined ? cluster.state !== 'up' : answer === true;
  }

  /** Asks another instance. @returns its answer; undefined if there was none in time */
  ask(instance: string, question: Question, within = ANSWER_WITHIN): Promise<unknown> {
    const n = ++this.#questions;
    return new Promise((resolve) => {
      // If the event loop was held up, the answer may lie unread: let the sockets have their turn first.
      const timer = setTimeout(() => setImmediate(() => this.settle(n, undefined)), within);
      this.#waiting.set(n, { resolve, timer });
      this.#rooms.cluster.send(instance, { is: 'ask', n, question }).catch(() => this.settle(n, undefined));
    });
  }

  /** An answer came, or the time for it is over. */
  settle(n: number, answer: unknown): void {
    const waiting = this.#waiting.get(n);
    this.#waiting.delete(n);
    clearTimeout(waiting?.timer);
    waiting?.resolve(answer);
  }

  /** Another instance asks. */
  async answer(n: number, question: Question, from: string): Promise<void> {
    const answer = await this.#know(question);
    // Who asks has a time limit of its own.
    await this.#rooms.cluster.send(from, { is: 'answer', n, answer }).catch(() => {});
  }

  async #know(question: Question): Promise<unknown> {
    switch (question.about) {
      case 'conn': {
        const entry = this.#rooms.known.find(question.room, question.peer)?.entry;
        return entry?.conn === question.conn && (await this.isAlive(question.room, entry));
      }
      case 'rooms':
        return this.#rooms.list(question.after, question.limit);
      case 'calls':
        return this.#rooms.calls?.list(question.room, question.limit) ?? [];
    }
  }

  /** The other instances that were heard just now; none, while they can't be reached. */
  #heard(): Member[] {
    const { cluster, instance } = this.#rooms;
    if (cluster.state !== 'up') return [];
    return cluster.members.filter((member) => member.instance !== instance && member.age < FRESH);
  }

  /** Asks each of them for a list. @returns those that came within a second */
  async #lists<T>(others: Member[], question: Question): Promise<T[][]> {
    const answers = await Promise.all(others.map(({ instance }) => this.ask(instance, question, 1_000)));
    return answers.filter((answer) => Array.isArray(answer)) as T[][];
  }

  /** The rooms and peers of all instances. */
  async stats(after: string | undefined, limit: number): Promise<ClusterStats> {
    const { cluster, instance, census } = this.#rooms;
    const scope = cluster.state === 'up' ? 'cluster' : 'instance';
    const own = census.figures();
    const others = cluster.members.filter((member) => member.instance !== instance).length;
    const heard = this.#heard();
    const pages = limit === 0 ? [] : await this.#lists<RoomSummary>(heard, { about: 'rooms', after, limit });
    const rooms = [this.#rooms.list(after, limit), ...pages].flat();
    rooms.sort((a, b) => (a.id < b.id ? -1 : 1));
    const sum = (of: (figures: Figures) => number) =>
      heard.reduce((total, { figures }) => total + of(figures), of(own));
    const count = limit === 0 ? heard.length : pages.length;
    return {
      roomCount: sum(({ rooms }) => rooms),
      totalPeers: sum(({ peers }) => peers),
      away: sum(({ away }) => away),
      rooms: rooms.slice(0, limit),
      scope,
      instances: { heard: count + 1, expected: others + 1, complete: count === others },
    };
  }

  /** The latest calls of a room, or of all, as all instances have seen them. */
  async calls(room: string | undefined, limit: number): Promise<Pair[]> {
    const own = this.#rooms.calls?.list(room, limit) ?? [];
    const lists = await this.#lists<Pair>(this.#heard(), { about: 'calls', room, limit });
    return mergePairs([own, ...lists]).slice(0, limit);
  }

  /**
   * Who is in a room, on whichever instance.
   *
   * @throws ClusterDown if nobody of it is here and the others can't be asked
   */
  async members(room: string): Promise<Entry[]> {
    const here = this.#rooms.known.get(room)?.room;
    if (here && here.own > 0) return Array.from(here.peers.values(), ({ entry }) => entry);
    const { cluster } = this.#rooms;
    return cluster.state === 'off' ? [] : [...(await cluster.read(room)).entries.values()];
  }

  /**
   * Tells all peers of a room what the operator has to say.
   *
   * @param members who is in it
   * @param data JSON text
   * @throws ClusterDown if an instance can't be told
   */
  async announce(room: string, members: readonly Entry[], data: string): Promise<void> {
    const frame = sayText('announcement', stamp(room, SERVER_ID), data);
    const note = { is: 'all', room, frame: frame.toString() } as const;
    const { cluster, instance: own } = this.#rooms;
    const instances = new Set(members.map(({ instance }) => instance));
    if (instances.delete(own)) takeNote(this.#rooms, note, own);
    await Promise.all([...instances].map((instance) => cluster.send(instance, note)));
  }

  stop(): void {
    for (const n of [...this.#waiting.keys()]) this.settle(n, undefined);
  }
}
