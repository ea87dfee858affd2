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
  const recorder = useRef<Recorder>(undefined);
  const latest = useRef({ sources, onDone });
  useEffect(() => {
    latest.current = { sources, onDone };
  });

  async function stop(): Promise<void> {
    const running = recorder.current;
    recorder.current = undefined;
    if (!running) return;
    const started = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
    const url = URL.createObjectURL(await running.stop());
    latest.current.onDone({ url, file: `meeting-${started}.webm` });
  }

  function toggle(): void {
    if (recorder.current) {
      setRecording(false);
      void stop();
      return;
    }
    try {
      const begun = new Recorder({
        tiles: () => latest.current.sources.tiles(),
        audio: () => latest.current.sources.audio(),
      });
      begun.start();
      recorder.current = begun;
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
