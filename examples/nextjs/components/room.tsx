'use client';

import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { Media } from '../lib/media.ts';
import { GreenRoom } from './green-room.tsx';
import { Left } from './left.tsx';
import { Meeting } from './meeting.tsx';
import { useKept } from './use-kept.ts';

/** A recording that has ended; it is in this tab alone until it is saved. */
export interface Recording {
  url: string;
  file: string;
  /** Set when it is; nothing that is shown changes. */
  saved: boolean;
}

interface RoomProps {
  room: string;
  signalingUrl: string;
}

/** The visit of one meeting: green room, meeting, goodbye. */
export function Room(props: RoomProps) {
  // Devices and what was remembered are known to the browser alone: the server draws an empty page.
  const inBrowser = useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
  return inBrowser ? <Visit {...props} /> : <main className="green-room" aria-busy="true" />;
}

function Visit({ room, signalingUrl }: RoomProps) {
  const [media] = useState(() => new Media());
  const [name, setName] = useState<string>();
  const [ended, setEnded] = useState<{ reason: string | undefined }>();
  const [recordings, keep] = useKept();
  useEffect(() => () => media.close(), [media]);
  const end = useCallback(
    (reason: string | undefined) => {
      media.close();
      setEnded({ reason });
    },
    [media],
  );

  if (ended)
    return (
      <Left
        reason={ended.reason}
        recordings={recordings}
        onRejoin={() => {
          setEnded(undefined);
          setName(undefined);
        }}
      />
    );
  if (name === undefined) return <GreenRoom room={room} media={media} onJoin={setName} />;
  return <Meeting {...{ room, signalingUrl, name, media, recordings }} onEnd={end} onRecording={keep} />;
}

function subscribe(): () => void {
  return () => {};
}
