import { useCallback, useEffect, useRef, useState } from 'react';
import type { Recording } from './room.tsx';

/** How long a browser may take to read a file that it saves, ms. */
const SAVING = 60_000;

/**
 * The recordings of a visit. Where the browser goes back, a visit ends without a question: what was not saved by
 * then, or is ready only later, is saved at once.
 *
 * @returns them, and what keeps another one
 */
export function useKept(): [Recording[], (recording: Recording) => void] {
  const [kept, setKept] = useState<Recording[]>([]);
  const latest = useRef(kept);
  const ended = useRef(false);
  useEffect(() => {
    latest.current = kept;
  }, [kept]);
  useEffect(() => {
    ended.current = false;
    return () => {
      ended.current = true;
      latest.current.forEach(letGo);
    };
  }, []);
  const keep = useCallback((recording: Recording) => {
    if (ended.current) letGo(recording);
    else setKept((before) => [...before, recording]);
  }, []);
  return [kept, keep];
}

function letGo({ url, file, saved }: Recording): void {
  if (!saved) Object.assign(document.createElement('a'), { href: url, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING);
}
