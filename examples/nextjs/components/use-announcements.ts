import { useCallback, useEffect, useRef, useState } from 'react';
import type { Room, RoomPeer, RoomStatus } from 'record-meet-client';
import { nameIn } from '../lib/person.ts';

/** How long one can be read, ms. */
const SHOWN = 5_000;

/**
 * The last thing that happened in the meeting, in words; a caption for everybody, and read out by screen
 * readers. What is said in the chat is not in it.
 *
 * @returns it, and what says something else
 */
export function useAnnouncements(
  room: Room | undefined,
  status: RoomStatus,
): [string, (text: string) => void] {
  const [caption, setCaption] = useState({ text: '' });
  const before = useRef(status);
  const say = useCallback((text: string) => setCaption({ text }), []);

  useEffect(() => (room ? listen(room, say) : undefined), [room, say]);

  useEffect(() => {
    if (before.current === 'reconnecting' && status === 'connected') say('The connection is back.');
    before.current = status;
  }, [status, say]);

  useEffect(() => {
    if (caption.text === '') return;
    const timer = setTimeout(() => setCaption({ text: '' }), SHOWN);
    return () => clearTimeout(timer);
  }, [caption]);
  return [caption.text, say];
}

/** @returns ends it */
function listen(room: Room, say: (text: string) => void): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  /** Whose hand is known to be up. */
  const hands = new Set<string>();
  /** Who has come, but has not said their name yet. */
  const nameless = new Set<string>();

  function greet(peer: RoomPeer): void {
    const name = nameIn(peer.state);
    if (name === undefined && peer.dialect === 'v1') return void nameless.add(peer.id);
    nameless.delete(peer.id);
    say(`${name ?? peer.id} joined.`);
  }

  /** @returns whether the hand has gone up just now */
  function look({ id, state }: RoomPeer): boolean {
    const before = hands.has(id);
    if (state.hand === true) hands.add(id);
    // A server that was started anew knows no states at first: that is no hand that goes down.
    if (state.hand === false) hands.delete(id);
    return hands.has(id) && !before;
  }

  for (const peer of room.peers) look(peer);
  room.on(
    'peer-joined',
    ({ peer, offer }) => {
      look(peer);
      // With an offer of this side, it came later than this one.
      if (offer) greet(peer);
    },
    { signal },
  );
  room.on(
    'peer-state',
    (peer) => {
      if (nameless.has(peer.id)) greet(peer);
      if (look(peer)) say(`${nameOf(peer)} raised a hand.`);
    },
    { signal },
  );
  room.on(
    'peer-left',
    (peer) => {
      hands.delete(peer.id);
      say(`${nameOf(peer)} left.`);
    },
    { signal },
  );
  room.on('peer-away', (peer) => say(`${nameOf(peer)} lost the connection.`), { signal });
  room.on('peer-back', (peer) => say(`${nameOf(peer)} is back.`), { signal });
  room.on('announcement', (data) => say(typeof data === 'string' ? data : JSON.stringify(data)), { signal });
  room.on('error', (error) => say(error.message), { signal });
  return () => ended.abort();
}

function nameOf({ id, state }: RoomPeer): string {
  return nameIn(state) ?? id;
}
