import { useEffect, useRef } from 'react';
import type { Media } from '../lib/media.ts';
import { Devices } from './devices.tsx';

const keys = [
  ['M', 'mute, unmute'],
  ['V', 'camera on, off'],
  ['H', 'raise, lower the hand'],
  ['S', 'share the screen, stop it'],
  ['G', 'grid, speaker view'],
  ['C', 'chat'],
  ['P', 'participants'],
] as const;

interface SettingsProps {
  media: Media;
  /** Whether single keys do something. */
  shortcuts: boolean;
  onShortcuts: (enabled: boolean) => void;
  onClose: () => void;
}

/** Devices and keys, in a dialog. */
export function Settings({ media, shortcuts, onShortcuts, onClose }: SettingsProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="settings" onClose={onClose}>
      <h2 id="settings">Settings</h2>
      <Devices media={media} />
      <label className="check">
        <input type="checkbox" checked={shortcuts} onChange={({ target }) => onShortcuts(target.checked)} />
        Keyboard shortcuts
      </label>
      <dl className="keys">
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" className="primary">
          Done
        </button>
      </form>
    </dialog>
  );
}
