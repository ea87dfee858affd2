import { useEffect, useState } from 'react';
import type { Person } from '../lib/person.ts';
import { type Quality, watchQuality } from '../lib/quality.ts';
import { watchSpeaking } from '../lib/speaking.ts';
import { Bars, Icon } from './icons.tsx';
import { Video } from './video.tsx';

const words = {
  connecting: 'connecting…',
  connected: '',
  reconnecting: 'reconnecting…',
  away: 'away, may come back',
} as const;

interface TileProps {
  person: Person;
  /** The connection to them, of others. */
  connection?: RTCPeerConnection | undefined;
  large: boolean;
  onSpeaks?: (id: string) => void;
}

/** Somebody, by their camera or else by the first letters of their name. */
export function Tile({ person, connection, large, onSpeaks }: TileProps) {
  const { id, own, name, muted, camera, hand, status, stream } = person;
  const speaking = useSpeaking(stream) && !muted;
  const quality = useQuality(connection);
  const shows = camera && stream !== undefined;
  useEffect(() => {
    if (speaking) onSpeaks?.(id);
  }, [speaking, id, onSpeaks]);
  return (
    <article
      className="tile"
      aria-label={name}
      data-status={status}
      data-speaking={speaking}
      data-large={large || undefined}
    >
      <Video stream={stream} muted={own} mirrored={own} hidden={!shows} />
      {!shows && (
        <span className="initials" aria-hidden="true" style={{ '--hue': hueOf(id) }}>
          {initialsOf(name)}
        </span>
      )}
      {status !== 'connected' && <span className="status">{words[status]}</span>}
      {hand && (
        <span className="raised">
          <Icon name="hand" />
          <span className="hidden">hand raised</span>
        </span>
      )}
      <span className="plate">
        {muted && (
          <>
            <Icon name="muted" />
            <span className="hidden">muted</span>
          </>
        )}
        <span className="name">{own ? `${name} (you)` : name}</span>
        {quality && (
          <>
            <Bars quality={quality} />
            <span className="hidden">{quality} connection</span>
          </>
        )}
      </span>
    </article>
  );
}

/** The screen that somebody shares. */
export function ScreenTile({ person, large }: { person: Person; large: boolean }) {
  const name = `${person.name}’s screen`;
  return (
    <article
      className="tile screen"
      aria-label={name}
      data-status={person.status}
      data-large={large || undefined}
    >
      <Video stream={person.screen} muted={person.own} />
      <span className="plate">
        <Icon name="screen" />
        <span className="name">{name}</span>
      </span>
    </article>
  );
}

function useSpeaking(stream: MediaStream | undefined): boolean {
  const [speaking, setSpeaking] = useState(false);
  useEffect(() => {
    setSpeaking(false);
    return stream && watchSpeaking(stream, setSpeaking);
  }, [stream]);
  return speaking;
}

function useQuality(connection: RTCPeerConnection | undefined): Quality | undefined {
  const [quality, setQuality] = useState<Quality>();
  useEffect(() => {
    setQuality(undefined);
    return connection && watchQuality(connection, setQuality);
  }, [connection]);
  return quality;
}

/** Of the first and the last word. */
function initialsOf(name: string): string {
  const all = name.split(/\s+/).map((word) => [...word][0] ?? '');
  return (all.length > 1 ? `${all[0]}${all.at(-1)}` : (all[0] ?? '')).toUpperCase();
}

/** A color for somebody, in degrees: the same on every screen. */
function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)!) % 360;
  return sum;
}
