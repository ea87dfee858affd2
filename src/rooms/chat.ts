import { setTimeout as delay } from 'node:timers/promises';
import type { Posted } from '../cluster/cluster.ts';
import { ErrorCode } from '../protocol/codes.ts';
import type { Decoded } from '../protocol/decode.ts';
import { complain } from './complain.ts';
import { chatEnds, chatTail, relay } from './frames.ts';
import type { Peer } from './peer.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** How often, and for how long, a number is asked for while a room that was lost is written again, ms. */
const ASK_EVERY = 50;
const ASK_FOR = 2_000;

/** Names the messages of clients that give them no name. */
let posts = 0;

/**
 * Numbers a chat message and brings it to everybody in the room, the sender included.
 *
 * @returns resolves when it has its number; nothing, if that is now
 */
export function postChat(rooms: Rooms, peer: Peer, message: Decoded): void | Promise<void> {
  // Only v1 clients send again what may have been lost.
  const key =
    peer.dialect === 'v1' && message.id !== undefined ? `${peer.entry.session} ${message.id}` : undefined;
  if (rooms.cluster.state === 'up') return postToAll(rooms, peer, message, key);
  postHere(rooms, peer, message, key);
}

/** One instance alone gives the numbers itself. */
function postHere(rooms: Rooms, peer: Peer, message: Decoded, key: string | undefined): void {
  const { room } = peer;
  if (room.own < room.peers.size) {
    const text =
      'Some peers of this room can not be reached just now; nobody got the message: send it again.';
    return complain(peer, ErrorCode.PeerAway, text, message.id);
  }
  const now = Date.now();
  const sent = key === undefined ? undefined : rooms.chats.find(room.chat, key, now);
  if (sent) {
    peer.send(sent); // its echo is its receipt
    return;
  }
  const frame = rooms.chats.add(room.id, room.chat, key, now, (seq) =>
    relay('chat', peer.stamp, undefined, message, chatTail(seq, now)),
  );
  room.broadcast(frame);
}

/** Among many instances the number is given where all of them get theirs. */
async function postToAll(rooms: Rooms, peer: Peer, message: Decoded, key: string | undefined): Promise<void> {
  const { room } = peer;
  const { instance, cluster } = rooms;
  const name = key ?? `${instance}.${++posts}`;
  const { head, tail } = chatEnds(peer.stamp, message, Date.now());
  try {
    const posted = await numbered(rooms, room, { key: name, head, tail });
    const { seq, frame } = posted;
    const from = peer.id;
    for (const one of posted.instances)
      if (one !== instance)
        cluster.send(one, { is: 'chat', room: room.id, seq, key, from, frame }).catch(() => {});
    const known = rooms.known.get(room.id);
    if (!known) return; // nobody is here any more
    await new Promise<void>((resolve) => {
      known.writer.whenIdle(() => {
        known.feed.take({ seq, frame: Buffer.from(frame), key, from }, peer);
        known.feed.after(from, resolve);
      });
    });
  } catch {
    postHere(rooms, peer, message, key);
  }
}

/** Waits until all who may know of later numbers have said so. @throws Error if they do not */
async function numbered(
  rooms: Rooms,
  room: Room,
  message: { key: string; head: string; tail: string },
): Promise<Posted> {
  const { chat, id } = room;
  for (const end = performance.now() + ASK_FOR; performance.now() < end; await delay(ASK_EVERY)) {
    const instances = room.instances();
    const posted = await rooms.cluster.post({ room: id, ...message, seq: chat.seq, log: chat.id, instances });
    if (posted) return posted;
    rooms.known.get(id)?.writer.refresh();
  }
  throw new Error('the room is not complete');
}
