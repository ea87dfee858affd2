import type { Peer } from './peer.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';

/**
 * A peer's connection has ended.
 *
 * @param leaving it will not come back
 * @returns what to log
 */
export function lose(rooms: Rooms, peer: Peer, session: Session, leaving: boolean): string {
  const { room } = peer;
  if (peer.session !== session) return 'socket replaced';
  if (room.peers.get(peer.id) !== peer) return 'peer left';
  const v1 = peer.dialect === 'v1';
  if (v1 && rooms.draining) {
    // It moves to another instance, and the others are to see nothing of that.
    peer.session = undefined;
    return 'peer moved';
  }
  const stays = v1 && !leaving && rooms.graceMs > 0;
  const away = Date.now() + rooms.graceMs;
  rooms.known.enter(room.id).writer.submit({
    change: (draft) => {
      const entry = draft.get(peer.id);
      if (entry?.conn !== session.conn) return;
      if (stays) draft.set({ ...entry, away });
      else draft.delete(peer.id);
    },
  });
  return stays ? 'peer away' : 'peer left';
}
