import { useEffect, useRef } from 'react';

interface VideoProps {
  stream: MediaStream | undefined;
  /** Without its sound: one's own. */
  muted?: boolean;
  /** As in a mirror: one's own camera. */
  mirrored?: boolean;
  hidden?: boolean;
}

/** Plays a stream. It plays on while hidden, as its sound is to be heard. */
export function Video({ stream, muted = false, mirrored = false, hidden = false }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    // Not before there is something to show, as a page is loading for as long as its video is.
    const shown = stream && stream.getTracks().length > 0 ? stream : null;
    if (video.current && video.current.srcObject !== shown) video.current.srcObject = shown;
  });
  return (
    <video
      ref={video}
      autoPlay
      playsInline
      muted={muted}
      hidden={hidden}
      data-mirrored={mirrored || undefined}
    />
  );
}
