import type { Entry } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import { lose } from './lose.ts';
import { type Arrival, stranger } from './peer.ts';
import { type Placement, place } from './place.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';

/**
 * Brings a session to its place in the room, at once if nothing has to be asked first, or closes it.
 *
 * @param admission checks what the newcomer brought; without it, it is a plain one that brought nothing
 */
export function join(rooms: Rooms, session: Session, admission?: () => Promise<Arrival>): void {
  if (rooms.draining) return session.close(CloseCode.Restart);
  if (!admission) return claim(rooms, session, stranger());
  admission()
    .then((arrival) => claim(rooms, session, arrival))
    .catch((error) => session.fail(error));
}

/**
 * Asks for the place.
 *
 * @param dead a connection on that place that was asked, and gave no sign of life
 */
function claim(rooms: Rooms, session: Session, arrival: Arrival, dead?: string): void {
  if (session.gone) return;
  if (rooms.draining) return session.close(CloseCode.Restart);
  const { roomId, peerId, conn } = session;
  const { writer } = rooms.known.enter(roomId);
  const newcomer = { peer: peerId, arrival, instance: rooms.instance, conn, at: Date.now(), dead };
  let placement: Placement | undefined;
  const hasPlace = () => placement?.is === 'seated' || placement?.is === 'resumed';
  writer.submit({
    change: (draft) => {
      placement = undefined;
      rooms.arriving.delete(session);
      if (session.gone) return;
      const incumbent = draft.get(peerId);
      placement = isFull(rooms, incumbent)
        ? { is: 'refused', code: CloseCode.Overloaded }
        : place(draft, newcomer, rooms.limits.peersPerRoom);
      // Who takes the place of one of our own is counted with that one already.
      if (hasPlace() && incumbent?.instance !== rooms.instance) rooms.arriving.add(session);
    },
    seating: () => (hasPlace() ? { session, arrival, resumed: placement!.is === 'resumed' } : undefined),
    done: () => {
      rooms.arriving.delete(session);
      try {
        if (placement) placed(rooms, session, arrival, placement);
      } catch (error) {
        session.fail(error);
      }
    },
  });
}

/** Whether one more is too many, who would take this one's place. */
function isFull({ limits, census, arriving, instance }: Rooms, incumbent: Entry | undefined): boolean {
  const most = limits.peers;
  const own = census.seats + arriving.size - (incumbent?.instance === instance ? 1 : 0);
  return most > 0 && own >= most;
}

function placed(rooms: Rooms, session: Session, arrival: Arrival, placement: Placement): void {
  switch (placement.is) {
    case 'refused':
      return session.close(placement.code);
    case 'occupied':
      ask(rooms, session, arrival, placement.by).catch((error) => session.fail(error));
      return;
    case 'seated':
    case 'resumed':
      return seat(rooms, session, placement.is);
    default:
      placement satisfies never;
  }
}

/** Whoever sits there is asked for a sign of life. */
async function ask(rooms: Rooms, session: Session, arrival: Arrival, incumbent: Entry): Promise<void> {
  if (session.gone) return;
  if (await rooms.exchange.isAlive(session.roomId, incumbent)) session.close(CloseCode.PeerIdInUse);
  else claim(rooms, session, arrival, incumbent.conn);
}

function seat(rooms: Rooms, session: Session, how: 'seated' | 'resumed'): void {
  const { roomId: room, peerId } = session;
  const peer = rooms.known.find(room, peerId);
  // Another connection got the place in the same writing, and nobody was told of this one.
  if (peer?.session !== session) return session.close(CloseCode.Replaced);
  rooms.tally[how === 'seated' ? 'joins' : 'resumes']++;
  if (session.gone) return void lose(rooms, peer, session, false);
  const text = how === 'seated' ? 'peer joined' : 'peer resumed';
  rooms.log.info({ room, peer: peerId, dialect: peer.dialect }, text);
  session.seat(peer);
}
