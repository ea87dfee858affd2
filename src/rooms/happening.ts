import type { Entry } from '../cluster/cluster.ts';
import { isCanaryRoom } from '../protocol/ids.ts';
import type { Room } from './room.ts';

/** Something that happened in a room. Of all instances the one that holds the peer tells it. */
export interface Happening {
  type: 'room.started' | 'room.ended' | 'peer.joined' | 'peer.left';
  room: string;
  /** The peer that it is about; of a room its first one, or its last. */
  entry: Entry;
}

/** Is told of each, in the order in which they happen in a room. */
export type Witness = (happening: Happening) => void;

/** Tells who comes and goes, and which rooms start and end; of canaries nothing. */
export class Happenings {
  /** Who is told; nobody, if it is undefined. */
  witness: Witness | undefined;
  readonly #instance: string;

  constructor(instance: string) {
    this.#instance = instance;
  }

  came(room: Room, entry: Entry): void {
    const starts = room.peers.size === 1 && !room.lastToLeave;
    room.lastToLeave = undefined;
    if (entry.instance !== this.#instance) return;
    if (starts) this.#tell('room.started', room, entry);
    this.#tell('peer.joined', room, entry);
  }

  /** A peer has left for which this instance speaks: its own, or one of an instance that has died. */
  left(room: Room, entry: Entry): void {
    this.#tell('peer.left', room, entry);
    // Another one may take the place at once: the room has ended if nobody has by the time it is settled.
    if (room.peers.size === 0) room.lastToLeave = entry;
  }

  /** Nothing is to be done for this room any more, for now. */
  settled(room: Room): void {
    if (room.lastToLeave && room.peers.size === 0) this.#tell('room.ended', room, room.lastToLeave);
    room.lastToLeave = undefined;
  }

  /** The server stops and is alone: with it the room ends. */
  ended(room: Room): void {
    for (const { entry } of room.peers.values()) this.#tell('peer.left', room, entry);
    const last = [...room.peers.values()].at(-1);
    if (last) this.#tell('room.ended', room, last.entry);
  }

  #tell(type: Happening['type'], room: Room, entry: Entry): void {
    if (!isCanaryRoom(room.id)) this.witness?.({ type, room: room.id, entry });
  }
}
