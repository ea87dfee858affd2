import type { Note } from '../cluster/cluster.ts';
import { dismiss } from './dismiss.ts';
import { deliver, returned } from './elsewhere.ts';
import type { Rooms } from './rooms.ts';
import { shown } from './show.ts';

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
    case 'back':
      return returned(rooms, note);
    case 'chat':
      return bring(rooms, note);
    case 'all': {
      const known = rooms.known.get(note.room);
      known?.writer.whenIdle(() => known.room.broadcast(Buffer.from(note.frame)));
      return;
    }
    case 'state':
      return shown(rooms, note);
    case 'remove': {
      // It may have moved on meanwhile: then the note follows it.
      const entry = rooms.known.find(note.room, note.peer)?.entry;
      if (entry?.session === note.session) void dismiss(rooms, note.room, entry).catch(() => {});
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

function bring(rooms: Rooms, { room, seq, key, from, frame }: Extract<Note, { is: 'chat' }>): void {
  const known = rooms.known.get(room);
  known?.writer.whenIdle(() => known.feed.take({ seq, frame: Buffer.from(frame), key, from }));
}
