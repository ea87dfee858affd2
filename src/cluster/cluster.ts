import type { Dialect } from '../protocol/messages.ts';

/** The port and all that it speaks of are one file: the only one of this folder that the rooms may know. */

/** One peer of a room, as all instances know it. Never changed, only replaced. */
export interface Entry {
  /** The peer id. */
  readonly id: string;
  /** Its place in the order of joining, from 1. */
  readonly n: number;
  readonly session: string;
  readonly dialect: Dialect;
  /** The instance that has its socket; while it is away, the one that waits out its grace. */
  readonly instance: string;
  /** Names its connection, over all instances; the last one, while it is away. */
  readonly conn: string;
  /** When that connection came, ms since 1970. */
  readonly at: number;
  /** 0: here. Else it has lost its connection, and this is when its grace ends, ms since 1970. */
  readonly away: number;
  /** Its public state, as JSON text. */
  readonly state: string;
  /** How many states it has shown: of two versions of one connection that with more is the newer. */
  readonly shown: number;
  /** Sessions that lost this place to their better: their seats take nothing over any more. */
  readonly evicted: readonly string[];
}

/** A room, as it is written for all instances. */
export interface RoomRecord {
  /** Another one after each change; empty if the room does not exist. */
  readonly version: string;
  /** Names this life of the room: a room that was lost and is written anew has another one. */
  readonly born: string;
  /** Ms since 1970. */
  readonly createdAt: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A room's changes by peer id; undefined removes. */
export type Changes = ReadonlyMap<string, Entry | undefined>;

/** A room as it is to be written: its changes, and who is in it after them. */
export interface Write {
  readonly room: string;
  /** The version that it must still have. */
  readonly version: string;
  readonly born: string;
  readonly createdAt: number;
  readonly changes: Changes;
  /** The instances that have peers in it afterwards. */
  readonly instances: readonly string[];
}

/** What one instance tells another. `frame` is what goes to sockets, as it is. */
export type Note =
  /** A room was changed: read it; and its chat too, if that may be `anew`. */
  | { is: 'room'; room: string; anew?: boolean }
  /** For one peer. Who sent it is told if it can't be delivered, unless that is `quiet`. */
  | { is: 'to'; room: string; to: string; session: string; from: Sender; frame: string }
  /** One of those came back: the sender's message could not be delivered. */
  | { is: 'back'; room: string; to: string; from: Sender }
  /** A numbered chat message, for every peer of a room. */
  | { is: 'chat'; room: string; seq: number; key?: string | undefined; from: string; frame: string }
  /** Anything else for every peer of a room. */
  | { is: 'all'; room: string; frame: string }
  /** A peer's public state, which its entry gets too. */
  | { is: 'state'; room: string; peer: string; conn: string; state: string; shown: number; frame: string }
  /** A host removes this peer: this run of it, whichever connection that has by now. */
  | { is: 'remove'; room: string; peer: string; session: string }
  /** A question that wants an answer; `n` joins the two. */
  | { is: 'ask'; n: number; question: Question }
  | { is: 'answer'; n: number; answer: unknown };

/** What instances ask each other. */
export type Question =
  /** Whether somebody is still there: `boolean`. */
  | { about: 'conn'; room: string; peer: string; conn: string }
  /** A page of the rooms that an instance lists: `RoomSummary[]`. */
  | { about: 'rooms'; after: string | undefined; limit: number }
  /** The latest calls of a room, or of all: `Pair[]`. */
  | { about: 'calls'; room: string | undefined; limit: number };

/** Who is told if a message can't be delivered. */
export interface Sender {
  peer: string;
  conn: string;
  /** The message's own id. */
  id?: string | undefined;
  /** Nobody is told: the message is a receipt. */
  quiet?: true;
}

/** What an instance says of itself, for the statistics. */
export interface Figures {
  /** Peers that it answers for, those that are away too. */
  peers: number;
  away: number;
  /** Rooms that it lists: those whose oldest peer is its own. */
  rooms: number;
}

/** One instance, as the others see it. */
export interface Member {
  instance: string;
  figures: Figures;
  /** How long ago it was heard, ms. */
  age: number;
}

/** A chat message to a room, before it has a number. `head`, number and `tail` make its frame. */
export interface Post {
  room: string;
  /** Names the message: the second one of the same name is not numbered again. */
  key: string;
  head: string;
  tail: string;
  /** The last number that is known here, and the log in which that is: the numbers go on from there. */
  seq: number;
  log: string;
  /** The instances that are known to have peers in the room. */
  instances: readonly string[];
}

export interface Posted {
  seq: number;
  frame: string;
  /** The instances that have peers in the room. */
  instances: readonly string[];
}

/** A room's chat as it is kept. */
export interface History {
  /** Names the run of the numbers; empty if there is none yet. */
  log: string;
  /** The last number. */
  seq: number;
  /** Those that were asked for and are still kept, in order. */
  messages: { seq: number; key: string; frame: string }[];
}

/** What the cluster tells its owner. */
export interface ClusterOwner {
  /** What this instance is to be known by. */
  figures(): Figures;
  /** Who is alive was heard anew: see `members`. */
  heard(): void;
  /** A note has come. */
  received(note: Note, from: string): void;
  /** Notes may have been missed, or the others can be reached again: every room is to be read anew. */
  resync(): void;
  /** An instance has died: its peers are to be taken over, in these rooms. Resolves when that is done. */
  died(instance: string, rooms: readonly string[]): Promise<void>;
}

/** Is told how long the way to the others takes, seconds. */
export interface Observer {
  /** From a command to its answer. */
  command(seconds: number): void;
  /** From the writing of a note to its reading here. */
  lag(seconds: number): void;
}

/** The others can't be reached, or what was to be written could not be. */
export class ClusterDown extends Error {
  override name = 'ClusterDown';
}

/**
 * The port between the rooms of one instance and those of all the others: it keeps what all must agree on, and
 * carries notes between them. Every promise settles within a second or so.
 */
export interface Cluster {
  /** Names this instance; another one after each start. */
  readonly instance: string;
  /** `off`: there are no others. `down`: they can't be reached, and this instance goes on as an island. */
  readonly state: 'off' | 'up' | 'down';
  /** The instances that are heard of, this one included. */
  readonly members: readonly Member[];
  /** Has its times measured. */
  observe(observer: Observer): void;
  /** Begins; before this nothing is received. */
  start(owner: ClusterOwner): void;
  /** @throws ClusterDown */
  read(room: string): Promise<RoomRecord>;
  /**
   * Writes a room, if it still has the version that it is believed to have.
   *
   * @returns its new version, or what it is instead
   * @throws ClusterDown if that is not known
   */
  commit(write: Write): Promise<{ version: string } | RoomRecord>;
  /**
   * Sends a note: once, and in the order of sending for each instance.
   *
   * @throws ClusterDown if it could not be written; it may arrive all the same
   */
  send(instance: string, note: Note): Promise<void>;
  /**
   * Numbers a chat message and keeps it.
   *
   * @returns undefined, if some of those instances are not recorded in the room: what was lost is being written
   * again, and one of them may know of later numbers
   * @throws ClusterDown
   */
  post(post: Post): Promise<Posted | undefined>;
  /** The chat messages after `since`, at most those that are kept. @throws ClusterDown */
  history(room: string, since: number): Promise<History>;
  /** Writes chat messages back that were lost, under their own numbers. @throws ClusterDown */
  restore(room: string, history: History): Promise<void>;
  /** Remembers something small for all instances. @throws ClusterDown */
  put(key: string, value: string, seconds: number): Promise<void>;
  /** @throws ClusterDown */
  get(key: string): Promise<string | undefined>;
  /** Ends; the others learn of it as of a death, but for those that moved away before. */
  close(): Promise<void>;
}
