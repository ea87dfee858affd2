import { useEffect, useRef } from 'react';

/** What a key does, by the letter on it. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Listens to single keys, except where something is typed or chosen, or with Ctrl, Alt or Meta. */
export function useShortcuts(enabled: boolean, shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    if (!enabled) return;
    function press(event: KeyboardEvent): void {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
      if ((event.target as Element).closest?.('input, textarea, select, dialog')) return;
      const act = latest.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    }
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [enabled]);
}
