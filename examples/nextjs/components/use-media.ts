import { useSyncExternalStore } from 'react';
import type { Media, MediaView } from '../lib/media.ts';

/** What the page can send, as it is now. */
export function useMedia(media: Media): MediaView {
  return useSyncExternalStore(media.subscribe, media.view);
}
