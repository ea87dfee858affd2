import type { Entry } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import type { Draft } from './draft.ts';
import type { Arrival } from './peer.ts';

/** One who wants a place. */
export interface Newcomer {
  peer: string;
  arrival: Arrival;
  instance: string;
  /** Names its connection. */
  conn: string;
  /** When that came, ms since 1970. */
  at: number;
  /** A connection on the wanted place that was asked, and is dead. */
  dead: string | undefined;
}

/** How a wish for a place ends. */
export type Placement =
  | { is: 'seated' | 'resumed' }
  /** Somebody is connected there, and has to be asked for a sign of life. */
  | { is: 'occupied'; by: Entry }
  | { is: 'refused'; code: CloseCode };

const NOBODY: readonly string[] = [];

/**
 * Who sits on a peer id: "Peer ids" in docs/protocol.md.
 *
 * @param peersPerRoom 0: no limit
 */
export function place(draft: Draft, newcomer: Newcomer, peersPerRoom: number): Placement {
  const { peer, arrival, instance, conn, at } = newcomer;
  const incumbent = draft.get(peer);
  if (incumbent && arrival.returning && incumbent.session === arrival.sessionId) {
    draft.set({ ...incumbent, instance, conn, at, away: 0 });
    return { is: 'resumed' };
  }
  const dead = incumbent?.conn === newcomer.dead;
  if (incumbent && incumbent.away === 0 && !dead && !owns(arrival, incumbent))
    return { is: 'occupied', by: incumbent };
  if (!incumbent && peersPerRoom > 0 && draft.size >= peersPerRoom)
    return { is: 'refused', code: CloseCode.RoomFull };
  const entry: Entry = {
    id: peer,
    n: draft.nextNumber,
    session: arrival.sessionId,
    dialect: arrival.dialect,
    instance,
    conn,
    at,
    away: 0,
    state: '{}',
    shown: 0,
    evicted: incumbent && arrival.returning ? evictedBy(arrival.sessionId, incumbent) : NOBODY,
  };
  draft.set(entry, dead ? 1006 : CloseCode.Replaced);
  return { is: 'seated' };
}

/** Who has lost the place to this session; not the owner, if it was away and one of those has come back. */
function evictedBy(session: string, { evicted, session: before }: Entry): readonly string[] {
  return evicted.includes(session) ? evicted.filter((one) => one !== session) : [...evicted, before];
}

/**
 * Whether a newcomer may take a place over from the one who sits there, without asking: with a token, or with
 * a seat. But the seat of one who sat there only while the owner was away does not beat the owner's.
 */
function owns(arrival: Arrival, incumbent: Entry): boolean {
  if (arrival.permit) return true;
  return arrival.returning && !incumbent.evicted.includes(arrival.sessionId);
}
