import { useEffect, useRef, useState } from 'react';
import type { Room, RoomStatus } from 'record-meet-client';
import { nameIn } from '../lib/person.ts';

/** How long one can be read, ms. */
const SHOWN = 5_000;

/**
 * The last thing that happened in the meeting, in words; a caption for everybody, and read out by screen
 * readers. What is said in the chat is not in it.
 */
export function useAnnouncements(
  room: Room | undefined,
  status: RoomStatus,
): [string, (text: string) => void] {
  const [caption, setCaption] = useState({ text: '' });
  const before = useRef(status);
  const say = useRef((text: string) => setCaption({ text })).current;

  useEffect(() => {
    if (!room) return;
    const listening = new AbortController();
    const { signal } = listening;
    const hands = new Set<string>();
    const nameOf = ({ id, state }: { id: string; state: object }) => nameIn(state) ?? id;
    const settled = { joined: false };
    room.on('status', (now) => queueMicrotask(() => (settled.joined = now === 'connected')), { signal });
    // Who was there already has not just come; and a name comes with the state, a moment later.
    room.on(
      'peer-state',
      (peer) => {
        const up = peer.state.hand === true;
        if (up && !hands.has(peer.id)) say(`${nameOf(peer)} raised a hand.`);
        if (up) hands.add(peer.id);
        else hands.delete(peer.id);
      },
      { signal },
    );
    room.on(
      'peer-joined',
      ({ peer, offer }) => {
        if (offer && settled.joined)
          setTimeout(() => {
            const there = room.peers.find(({ id }) => id === peer.id);
            if (there) say(`${nameOf(there)} joined.`);
          }, 500);
      },
      { signal },
    );
    room.on('peer-left', (peer) => say(`${nameOf(peer)} left.`), { signal });
    room.on('peer-away', (peer) => say(`${nameOf(peer)} lost the connection.`), { signal });
    room.on('peer-back', (peer) => say(`${nameOf(peer)} is back.`), { signal });
    room.on('announcement', (data) => say(typeof data === 'string' ? data : JSON.stringify(data)), {
      signal,
    });
    room.on('error', (error) => say(error.message), { signal });
    return () => listening.abort();
  }, [room, say]);

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
