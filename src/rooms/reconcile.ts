import type { Entry, RoomRecord } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import type { Change } from './draft.ts';
import type { Room } from './room.ts';

/** How a room as it was read differs from what this instance knows of it. */
export interface Difference {
  /** What happened elsewhere, in the order in which it is to be told: who left, who changed, who came. */
  toApply: Map<string, Change>;
  /** What happened here and is not written yet. */
  toWrite: Map<string, Entry | undefined>;
  /** Peers elsewhere that a room which was lost does not have; their instances write them again, if they live. */
  missing: string[];
}

/**
 * Compares. An instance knows best what became of the sockets that it holds; of all else the record does.
 * Where two have the same place, the record has, but for a newer connection of the same session.
 */
export function reconcile(room: Room, record: RoomRecord, instance: string): Difference {
  // As long as it has somebody of this instance, nobody deletes a room.
  const isKept = [...room.peers.values()].some(
    ({ entry, written }) => written && entry.instance === instance,
  );
  const lost = isKept && room.born !== record.born;
  const toWrite = new Map<string, Entry | undefined>();
  const gone: [string, Change][] = [];
  const changed: [string, Change][] = [];
  const came: [string, Change][] = [];
  const missing: string[] = [];

  for (const [id, { entry: mine, written, lostUntil }] of room.peers) {
    if (record.entries.has(id)) continue;
    const own = mine.instance === instance;
    if (own && (lost || !written)) toWrite.set(id, mine);
    else if (!own && (lost || lostUntil > 0)) missing.push(id);
    // The others took this instance for dead: its clients come back, as they would have to then.
    else gone.push([id, { entry: undefined, code: CloseCode.Restart }]);
  }
  for (const [id, theirs] of record.entries) {
    const peer = room.peers.get(id);
    if (!peer) {
      // Its socket ended while that could not be written.
      if (theirs.instance === instance) toWrite.set(id, undefined);
      else came.push([id, { entry: theirs, code: undefined }]);
    } else if (peer.entry.session !== theirs.session) {
      came.push([id, { entry: theirs, code: codeFor(peer.entry, theirs) }]);
    } else if (!isSame(peer.entry, theirs)) {
      if (prevails(peer.entry, theirs, instance, peer.session !== undefined)) toWrite.set(id, peer.entry);
      else changed.push([id, { entry: theirs, code: undefined }]);
    }
  }
  came.sort(([, a], [, b]) => a.entry!.n - b.entry!.n);
  return { toApply: new Map([...gone, ...changed, ...came]), toWrite, missing };
}

/** Whether what is known here goes over what the record says of the same session. */
function prevails(mine: Entry, theirs: Entry, instance: string, connected: boolean): boolean {
  if (mine.instance !== instance) return false;
  // Of one connection this instance knows more, unless another one has taken over its peer that is away.
  if (mine.conn === theirs.conn) return connected || theirs.instance === instance;
  return mine.at > theirs.at;
}

/** Who had the place first keeps it, if two sat down without knowing of each other. */
function codeFor(mine: Entry, theirs: Entry): CloseCode {
  return theirs.at < mine.at ? CloseCode.PeerIdInUse : CloseCode.Replaced;
}

function isSame(a: Entry, b: Entry): boolean {
  return a.conn === b.conn && a.instance === b.instance && a.away === b.away && a.state === b.state;
}
