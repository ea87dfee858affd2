import { useEffect, useRef, useState } from 'react';
import { Recorder, type RecorderSources } from '../lib/recorder.ts';
import type { Recording } from './room.tsx';

interface RecordingControl {
  recording: boolean;
  toggle: () => void;
}

/**
 * Records what this page shows and lets hear. It ends with the meeting, if not before.
 *
 * @param onDone gets what was recorded
 * @param onTrouble is told why it can't be
 */
export function useRecording(
  sources: RecorderSources,
  onDone: (recording: Recording) => void,
  onTrouble: (text: string) => void,
): RecordingControl {
  const [recording, setRecording] = useState(false);
  const running = useRef<{ recorder: Recorder; file: string }>(undefined);
  const latest = useRef({ sources, onDone });
  useEffect(() => {
    latest.current = { sources, onDone };
  });

  async function stop(): Promise<void> {
    const ended = running.current;
    running.current = undefined;
    if (!ended) return;
    const url = URL.createObjectURL(await ended.recorder.stop());
    latest.current.onDone({ url, file: ended.file, saved: false });
  }

  function toggle(): void {
    if (running.current) {
      setRecording(false);
      void stop();
      return;
    }
    try {
      const recorder = new Recorder({
        tiles: () => latest.current.sources.tiles(),
        audio: () => latest.current.sources.audio(),
      });
      recorder.start();
      running.current = { recorder, file: `meeting-${minute(new Date())}.webm` };
      setRecording(true);
    } catch (error) {
      onTrouble(`It can't be recorded here: ${(error as Error).message}`);
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: at the end of the meeting alone
  useEffect(() => () => void stop(), []);

  useEffect(() => {
    if (!recording) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [recording]);
  return { recording, toggle };
}

/** In local time, and in a form that every file system takes: 2026-01-31-09-05. */
function minute(date: Date): string {
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()];
  return [date.getFullYear(), ...parts.map((part) => String(part).padStart(2, '0'))].join('-');
}
