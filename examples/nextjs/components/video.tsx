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
    if (video.current && video.current.srcObject !== (stream ?? null))
      video.current.srcObject = stream ?? null;
  }, [stream]);
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
