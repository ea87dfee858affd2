import type { Note } from '../cluster/cluster.ts';
import { unreachable } from './complain.ts';
import type { Rooms } from './rooms.ts';

/** Does what another instance says. */
export function takeNote(rooms: Rooms, note: Note, from: string): void {
  switch (note.is) {
    case 'room': {
      const known = rooms.known.get(note.room);
      known?.writer.refresh();
      if (known && note.anew) known.feed.catchUp().catch(() => {});
      return;
    }
    case 'to':
      return deliver(rooms, note, from);
    case 'back': {
      const sender = rooms.known.find(note.room, note.from.peer);
      if (sender?.entry.conn === note.from.conn) unreachable(sender, note.to, note.from.id);
      return;
    }
    case 'chat':
      return bring(rooms, note);
    case 'all': {
      const known = rooms.known.get(note.room);
      known?.writer.whenIdle(() => known.room.broadcast(Buffer.from(note.frame)));
      return;
    }
    case 'state':
      return show(rooms, note);
    case 'remove': {
      // It may have moved on meanwhile: then the note follows it.
      const entry = rooms.known.find(note.room, note.peer)?.entry;
      if (entry?.session === note.session) void rooms.dismiss(note.room, entry).catch(() => {});
      return;
    }
    case 'ask':
      return void rooms.exchange.answer(note.n, note.question, from);
    case 'answer':
      return rooms.exchange.settle(note.n, note.answer);
    default:
      note satisfies never;
  }
}

/** Only after what the room is being told: who gets a message has heard of its sender. */
function deliver(rooms: Rooms, note: Extract<Note, { is: 'to' }>, from: string): void {
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

function bring(rooms: Rooms, { room, seq, key, from, frame }: Extract<Note, { is: 'chat' }>): void {
  const known = rooms.known.get(room);
  known?.writer.whenIdle(() => known.feed.take({ seq, frame: Buffer.from(frame), key, from }));
}

function show(rooms: Rooms, note: Extract<Note, { is: 'state' }>): void {
  const { room, peer: id, conn, state, shown, frame } = note;
  const known = rooms.known.get(room);
  known?.writer.whenIdle(() => {
    const peer = known.room.peers.get(id);
    if (peer?.entry.conn !== conn || shown <= peer.entry.shown) return;
    peer.entry = { ...peer.entry, state, shown };
    known.room.broadcast(Buffer.from(frame), peer, 'v1');
  });
}
