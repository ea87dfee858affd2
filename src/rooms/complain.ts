import { ErrorCode } from '../protocol/codes.ts';
import { quote } from '../protocol/decode.ts';
import { say } from './frames.ts';
import type { Peer } from './peer.ts';
import { count } from './tally.ts';

/** Tells a peer what was wrong with its message. */
export function complain(peer: Peer, code: ErrorCode, text: string, id: string | undefined): void {
  count(peer.room.tally.errors, code);
  peer.send(say('error', peer.room.stamp, { code, message: text }, id));
}

/** Tells a peer that its message could not be delivered, and whether to try again. */
export function unreachable(peer: Peer, to: string, id: string | undefined): void {
  // A v1 socket that is closing has not ended yet, but what ends it is as a rule no leave.
  if (peer.room.peers.get(to)?.dialect === 'v1') {
    const text = `${quote(to)} has lost its connection and may come back.`;
    return complain(peer, ErrorCode.PeerAway, text, id);
  }
  complain(peer, ErrorCode.PeerNotFound, `There is no peer ${quote(to)} in this room.`, id);
}

/** The same, where the instance of the other one can't be told just now. */
export function outOfReach(peer: Peer, to: string, id: string | undefined): void {
  complain(peer, ErrorCode.PeerAway, `${quote(to)} can not be reached just now: try again.`, id);
}
