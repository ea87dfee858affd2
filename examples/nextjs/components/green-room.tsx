'use client';

import { type SubmitEvent, useEffect, useState } from 'react';
import type { Media } from '../lib/media.ts';
import { MOST_NAME } from '../lib/person.ts';
import { remember, remembered } from '../lib/remembered.ts';
import { MediaButtons } from './controls.tsx';
import { CopyLink } from './copy-link.tsx';
import { Devices } from './devices.tsx';
import { Logo } from './icons.tsx';
import { useMedia } from './use-media.ts';
import { Video } from './video.tsx';

/** How long to wait for an answer about the devices, ms: they may be used later, too. */
const PATIENCE = 4_000;

interface GreenRoomProps {
  room: string;
  media: Media;
  onJoin: (name: string) => void;
}

/** Before the meeting: how one is seen and heard, and under which name. */
export function GreenRoom({ room, media, onJoin }: GreenRoomProps) {
  const { asked, camera, trouble } = useMedia(media);
  const [waited, setWaited] = useState(false);
  const [name, setName] = useState(() => remembered('name') ?? '');
  useEffect(() => {
    void media.open();
    const timer = setTimeout(() => setWaited(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [media]);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const chosen = name.trim();
    if (chosen === '') return;
    remember('name', chosen);
    onJoin(chosen);
  }

  return (
    <main className="green-room">
      <header className="brand">
        <Logo />
        <span>Record Meet</span>
      </header>
      <section className="preview" aria-label="Your camera">
        <Video stream={media.stream} muted mirrored hidden={!camera} />
        {!camera && (
          <p>{asked ? 'Your camera is off.' : 'Your browser asks whether this page may use your camera.'}</p>
        )}
        <div className="bar">
          <MediaButtons media={media} />
        </div>
      </section>
      <section className="ready">
        <h1>Ready to join?</h1>
        <p className="code">{room}</p>
        <p role="status" className={trouble === undefined ? 'hidden' : 'trouble'}>
          {trouble !== undefined && `${trouble} You can join without.`}
        </p>
        <form onSubmit={submit}>
          <label>
            Your name
            <input
              value={name}
              onChange={({ target }) => setName(target.value)}
              maxLength={MOST_NAME}
              required
              autoComplete="name"
            />
          </label>
          <Devices media={media} />
          <button type="submit" className="primary large" disabled={!asked && !waited}>
            Join now
          </button>
        </form>
        <CopyLink />
      </section>
    </main>
  );
}
