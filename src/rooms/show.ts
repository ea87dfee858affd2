import type { Note } from '../cluster/cluster.ts';
import { ErrorCode } from '../protocol/codes.ts';
import type { Decoded } from '../protocol/decode.ts';
import { complain } from './complain.ts';
import { relay } from './frames.ts';
import type { Peer } from './peer.ts';
import type { Rooms } from './rooms.ts';

/** The longest public state of a peer, bytes of JSON. */
const MAX_STATE = 2048;

/** A peer of this instance shows another public state. */
export function show(rooms: Rooms, peer: Peer, message: Decoded): void {
  const { bytes, start, end } = message;
  if (bytes[start] !== 0x7b || end - start > MAX_STATE) {
    const text = `"state" needs "data", an object of at most ${MAX_STATE} bytes.`;
    return complain(peer, ErrorCode.InvalidMessage, text, message.id);
  }
  const frame = relay('state', peer.stamp, undefined, message);
  peer.room.broadcast(frame, peer, 'v1');
  peer.entry = { ...peer.entry, state: bytes.toString('utf8', start, end), shown: peer.entry.shown + 1 };
  if (rooms.cluster.state !== 'off') showElsewhere(rooms, peer, frame);
}

/** The others are told at once, and it is written for those who come later. */
function showElsewhere({ cluster, known, instance: own }: Rooms, peer: Peer, frame: Buffer): void {
  const { id, room } = peer;
  const { session, conn, state, shown } = peer.entry;
  const about = { room: room.id, peer: id, conn, state, shown };
  const note = { is: 'state', ...about, frame: frame.toString() } as const;
  for (const instance of room.instances()) if (instance !== own) cluster.send(instance, note).catch(() => {});
  known.enter(room.id).writer.submit({
    change: (draft) => {
      const entry = draft.get(id);
      if (entry?.session === session) draft.set({ ...entry, state, shown });
    },
  });
}

/** A peer of another instance shows another one. */
export function shown(rooms: Rooms, note: Extract<Note, { is: 'state' }>): void {
  const known = rooms.known.get(note.room);
  const act = () => {
    const peer = known?.room.peers.get(note.peer);
    if (peer?.entry.conn !== note.conn || note.shown <= peer.entry.shown) return;
    peer.entry = { ...peer.entry, state: note.state, shown: note.shown };
    peer.room.broadcast(Buffer.from(note.frame), peer, 'v1');
  };
  known?.writer.whenIdle(() => known.feed.after(note.peer, act));
}
