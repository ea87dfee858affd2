import { useCallback, useEffect, useRef, useState } from 'react';
import { useRoom } from 'record-meet-client/react';
import type { Media } from '../lib/media.ts';
import { type Person, personOf, type Shown } from '../lib/person.ts';
import { remember, remembered } from '../lib/remembered.ts';
import { newPeerId } from '../lib/room-id.ts';
import { getToken } from '../lib/token.ts';
import { roomTrouble } from '../lib/trouble.ts';
import { Chat } from './chat.tsx';
import { Controls, type Panel } from './controls.tsx';
import { Heading } from './heading.tsx';
import { Downloads } from './left.tsx';
import { People } from './people.tsx';
import type { Recording } from './room.tsx';
import { Settings } from './settings.tsx';
import { ScreenTile, Tile } from './tile.tsx';
import { Tiles } from './tiles.tsx';
import { useAnnouncements } from './use-announcements.ts';
import { useChat } from './use-chat.ts';
import { useMedia } from './use-media.ts';
import { useRecording } from './use-recording.ts';
import { useShortcuts } from './use-shortcuts.ts';

interface MeetingProps {
  room: string;
  signalingUrl: string;
  name: string;
  media: Media;
  recordings: Recording[];
  onRecording: (recording: Recording) => void;
  /** @param reason why, unless one has left */
  onEnd: (reason: string | undefined) => void;
}

/** The meeting itself, from joining to leaving. */
export function Meeting(props: MeetingProps) {
  const { name, media, recordings, onRecording, onEnd } = props;
  // Another one for each visit: after a reload, or in a tab's copy, it must not be the one before.
  const [peerId] = useState(newPeerId);
  const { muted, camera, screen, trouble } = useMedia(media);
  const [hand, setHand] = useState(false);
  const [panel, setPanel] = useState<Panel>();
  const [chosenLayout, setLayout] = useState<'grid' | 'speaker'>();
  const [speaker, setSpeaker] = useState<string>();
  const [settings, setSettings] = useState(false);
  const [shortcuts, setShortcuts] = useState(() => remembered('shortcuts') !== 'off');
  const stage = useRef<HTMLDivElement>(null);

  const { status, error, peers, chat, room, call } = useRoom({
    url: props.signalingUrl,
    room: props.room,
    peerId,
    getToken: () => getToken({ room: props.room, peerId, name }),
    stream: media.stream,
  });
  const others = peers.map(personOf);
  const [caption, say] = useAnnouncements(room, status);
  const { recording, toggle: toggleRecording } = useRecording(
    {
      tiles: () => Array.from(stage.current?.querySelectorAll('article') ?? [], drawn),
      audio: () =>
        [media.stream, screen, ...peers.flatMap(({ streams }) => streams)].filter((one) => one !== undefined),
    },
    onRecording,
    say,
  );
  const talk = useChat(room, status, chat, name, panel === 'chat');

  const own: Person = {
    ...{ id: peerId, own: true, name, muted, camera, hand, recording, screen, stream: media.stream },
    status: status === 'closed' ? 'reconnecting' : status,
  };
  const people = [own, ...others];
  const sharing = people.filter((person) => person.screen !== undefined);
  const layout = chosenLayout ?? (sharing.length > 0 ? 'speaker' : 'grid');
  // Large are a screen, who spoke last, or whoever is there.
  const largePerson = others.find(({ id }) => id === speaker) ?? others[0] ?? own;
  const largeScreen = sharing.at(-1);

  useEffect(() => {
    media.attach(call);
    return () => media.attach(undefined);
  }, [media, call]);

  useEffect(() => {
    const shown: Shown = { name, muted, camera, hand, recording, ...(screen && { screen: screen.id }) };
    room?.setState(shown);
  }, [room, name, muted, camera, hand, recording, screen]);

  useEffect(() => {
    if (status === 'closed') onEnd(error && roomTrouble(error));
  }, [status, error, onEnd]);

  // The others see at once that the page has gone, and do not wait for it to come back.
  useEffect(() => {
    const leave = () => room?.leave();
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [room]);

  useEffect(() => {
    if (trouble !== undefined) say(trouble);
  }, [trouble, say]);

  const toggleLayout = () => setLayout(layout === 'grid' ? 'speaker' : 'grid');
  const toggleHand = () => setHand((up) => !up);
  const togglePanel = (one: Panel) => () => setPanel((open) => (open === one ? undefined : one));
  const onSpeaks = useCallback((id: string) => setSpeaker(id), []);
  useShortcuts(shortcuts, {
    m: () => void media.toggle('audio'),
    v: () => void media.toggle('video'),
    h: toggleHand,
    s: () => void media.toggleScreen(),
    g: toggleLayout,
    c: togglePanel('chat'),
    p: togglePanel('people'),
  });

  const recorders = people.filter((person) => person.recording).map((person) => person.name);
  return (
    <main className="meeting" data-panel={panel}>
      <Heading className="hidden">Meeting {props.room}</Heading>
      <div className="notices">
        {/* Both are there before their text: screen readers read out what changes in one, not what comes with it. */}
        <p className={status === 'connected' ? 'hidden' : 'notice-line'} role="status">
          {status !== 'connected' &&
            (status === 'connecting' ? 'Joining…' : 'Reconnecting to the server… The call goes on.')}
        </p>
        <p className={recorders.length > 0 ? 'notice-line recording' : 'hidden'} role="status">
          {recorders.length > 0 && `${recorders.join(', ')} ${recorders.length > 1 ? 'are' : 'is'} recording`}
        </p>
        <Downloads recordings={recordings} />
      </div>
      <div className="scene" ref={stage}>
        <Tiles layout={layout} count={people.length + sharing.length}>
          {sharing.map((person) => (
            <ScreenTile key={`${person.id} screen`} person={person} large={person === largeScreen} />
          ))}
          {people.map((person) => (
            <Tile
              key={person.id}
              person={person}
              connection={call?.connections.get(person.id)}
              large={largeScreen === undefined && person === largePerson}
              {...(!person.own && { onSpeaks })}
            />
          ))}
        </Tiles>
        <p className="caption" aria-live="polite">
          {caption}
        </p>
      </div>
      {panel === 'chat' && (
        <Chat
          chat={chat}
          pending={talk.pending}
          ownId={peerId}
          names={new Map(others.map((person) => [person.id, person.name]))}
          onSend={talk.send}
          onClose={() => setPanel(undefined)}
        />
      )}
      {panel === 'people' && (
        <People people={people} connections={call?.connections} onClose={() => setPanel(undefined)} />
      )}
      <Controls
        {...{ media, hand, recording, layout, panel }}
        unread={talk.unread}
        onHand={toggleHand}
        onRecord={toggleRecording}
        onLayout={toggleLayout}
        onPanel={setPanel}
        onSettings={() => setSettings(true)}
        onLeave={() => room?.leave()}
      />
      {settings && (
        <Settings
          media={media}
          shortcuts={shortcuts}
          onShortcuts={(enabled) => {
            setShortcuts(enabled);
            remember('shortcuts', enabled ? 'on' : 'off');
          }}
          onClose={() => setSettings(false)}
        />
      )}
    </main>
  );
}

/** A tile as a recording shows it. */
function drawn(tile: HTMLElement): { video?: HTMLVideoElement; name: string } {
  const video = tile.querySelector('video');
  return { name: tile.ariaLabel ?? '', ...(video && !video.hidden && { video }) };
}
