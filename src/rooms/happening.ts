import type { Entry } from '../cluster/cluster.ts';

/** Something that happened in a room. Of all instances the one that holds the peer tells it. */
export interface Happening {
  type: 'room.started' | 'room.ended' | 'peer.joined' | 'peer.left';
  room: string;
  /** The peer that it is about; of a room its first one, or its last. */
  entry: Entry;
}

/** Is told of each, in the order in which they happen in a room. */
export type Witness = (happening: Happening) => void;
