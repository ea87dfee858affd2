import { SERVER_ID } from '../protocol/ids.ts';
import type { Dialect } from '../protocol/messages.ts';
import type { ChatLog } from './chat-log.ts';
import { say, stamp } from './frames.ts';
import type { Peer } from './peer.ts';

/** Peers that may call each other. It exists as long as somebody is in it. */
export class Room {
  readonly id: string;
  readonly createdAt = new Date();
  /** By peer id, in the order of joining; those that are away too. */
  readonly peers = new Map<string, Peer>();
  /** What the server's own messages in this room begin with, as bytes. */
  readonly stamp: Buffer;
  readonly chat: ChatLog;

  constructor(id: string, chat: ChatLog) {
    this.id = id;
    this.chat = chat;
    this.stamp = stamp(id, SERVER_ID);
  }

  /**
   * A `peers` frame: the ids of all who are here, in the order of joining.
   *
   * @param tail further fields, as JSON text that begins with a comma
   */
  roster(id?: string, tail?: string): Buffer {
    return say('peers', this.stamp, [...this.peers.keys()], id, tail);
  }

  /** The roster with sessions and states, as JSON text. */
  entries(): string {
    return `[${Array.from(this.peers.values(), (peer) => peer.entry()).join(',')}]`;
  }

  /** Whether anybody but `except` speaks this dialect. */
  has(dialect: Dialect, except: Peer): boolean {
    for (const peer of this.peers.values()) if (peer !== except && peer.dialect === dialect) return true;
    return false;
  }

  /** Sends one frame, the same bytes, to everybody but `except`, or to those of one dialect. */
  broadcast(frame: Uint8Array, except?: Peer, dialect?: Dialect): void {
    for (const peer of this.peers.values()) {
      if (peer !== except && (dialect === undefined || peer.dialect === dialect)) peer.send(frame);
    }
  }
}
