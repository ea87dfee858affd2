import { address, stamp } from './frames.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';

/** One who sits in a room. */
export class Peer {
  readonly id: string;
  readonly room: Room;
  readonly session: Session;
  /** What this peer's messages begin with, as bytes. */
  readonly stamp: Buffer;
  /** What messages to this peer carry as `to`, as bytes. */
  readonly address: Buffer;

  constructor(id: string, room: Room, session: Session) {
    this.id = id;
    this.room = room;
    this.session = session;
    this.stamp = stamp(room.id, id);
    this.address = address(id);
  }
}
