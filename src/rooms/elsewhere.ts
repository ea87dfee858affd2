import type { Note } from '../cluster/cluster.ts';
import { unreachable } from './complain.ts';
import type { Peer } from './peer.ts';
import type { Rooms } from './rooms.ts';

/** Whether a peer is connected to another instance. */
export function isElsewhere({ instance }: Rooms, { entry }: Peer): boolean {
  return entry.away === 0 && entry.instance !== instance;
}

/**
 * Sends a frame to a peer of another instance, which will `deliver` it.
 *
 * @throws ClusterDown if it could not be sent
 */
export function forward(
  { cluster }: Rooms,
  from: Peer,
  to: Peer,
  frame: Buffer,
  about: { id?: string | undefined; quiet?: true },
): Promise<void> {
  const { instance, session } = to.entry;
  const { id: room } = to.room;
  const sender = { peer: from.id, conn: from.entry.conn, ...about };
  const note = { is: 'to', room, to: to.id, session, from: sender, frame: frame.toString() } as const;
  return cluster.send(instance, note);
}

/**
 * A frame for a peer of this instance, from a peer of another. Only after what the room is being told: who gets
 * a message has heard of its sender.
 *
 * @param from that instance
 */
export function deliver(rooms: Rooms, note: Extract<Note, { is: 'to' }>, from: string): void {
  const { room, to, session } = note;
  const act = () => {
    const peer = rooms.known.find(room, to);
    if (peer?.entry.session === session && peer.send(Buffer.from(note.frame))) return;
    // If that can't be told either, its sender's own time limit is left.
    if (!note.from.quiet) rooms.cluster.send(from, { is: 'back', room, to, from: note.from }).catch(() => {});
  };
  const known = rooms.known.get(room);
  if (known) known.writer.whenIdle(() => known.feed.after(note.from.peer, act));
  else act();
}

/** One that was sent from here could not be delivered. */
export function returned({ known }: Rooms, { room, from, to }: Extract<Note, { is: 'back' }>): void {
  const sender = known.find(room, from.peer);
  if (sender?.entry.conn === from.conn) unreachable(sender, to, from.id);
}
