import type { Entry } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import { lose } from './lose.ts';
import type { Arrival, Peer } from './peer.ts';
import { type Placement, place } from './place.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';

/** Is told how a claim ended; not, if its session ended before. */
export type Placed = (placement: Placement, peer: Peer | undefined) => void;

/**
 * Asks for a place in a room.
 *
 * @param dead a connection on that place that was asked, and gave no sign of life
 */
export function claim(
  rooms: Rooms,
  session: Session,
  arrival: Arrival,
  dead: string | undefined,
  placed: Placed,
): void {
  const { roomId, peerId, conn } = session;
  const { room, writer } = rooms.known.enter(roomId);
  const { instance, tally } = rooms;
  const newcomer = { peer: peerId, arrival, instance, conn, at: Date.now(), dead };
  let placement: Placement | undefined;
  const hasPlace = () => placement?.is === 'seated' || placement?.is === 'resumed';
  writer.submit({
    change: (draft) => {
      placement = undefined;
      if (session.gone) return;
      const full = isFull(rooms, draft.get(peerId));
      placement = full
        ? { is: 'refused', code: CloseCode.Overloaded }
        : place(draft, newcomer, rooms.limits.peersPerRoom);
    },
    seating: () => (hasPlace() ? { session, arrival, resumed: placement!.is === 'resumed' } : undefined),
    done: () => {
      const peer = hasPlace() ? room.peers.get(peerId) : undefined;
      if (placement?.is === 'seated') tally.joins++;
      if (placement?.is === 'resumed') tally.resumes++;
      if (session.gone && peer) lose(rooms, peer, session, false);
      else if (placement && !session.gone) placed(placement, peer);
    },
  });
}

/** Whether one more is too many, who would take this one's place. */
function isFull({ limits, census, instance }: Rooms, incumbent: Entry | undefined): boolean {
  const most = limits.peers;
  const own = census.seats - (incumbent?.instance === instance ? 1 : 0);
  return most > 0 && own >= most;
}
