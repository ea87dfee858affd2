import { SERVER_ID } from '../protocol/ids.ts';
import { say, stamp } from './frames.ts';
import type { Peer } from './peer.ts';

/** Peers that may call each other. It exists as long as somebody is in it. */
export class Room {
  readonly id: string;
  readonly createdAt = new Date();
  /** By peer id, in the order of joining. */
  readonly peers = new Map<string, Peer>();
  /** What the server's own messages in this room begin with, as bytes. */
  readonly stamp: Buffer;
  #seq = 0;

  constructor(id: string) {
    this.id = id;
    this.stamp = stamp(id, SERVER_ID);
  }

  /** The number of the next chat: from 1, without gaps. */
  nextSeq(): number {
    return ++this.#seq;
  }

  /** A `peers` frame: the ids of all who are here, in the order of joining. */
  roster(id?: string): Buffer {
    return say('peers', this.stamp, [...this.peers.keys()], id);
  }

  /** Sends one frame, the same bytes, to everybody but `except`. */
  broadcast(frame: Uint8Array, except?: Peer): void {
    for (const peer of this.peers.values()) {
      if (peer !== except) peer.session.send(frame);
    }
  }
}
