import type { Kind, Media } from '../lib/media.ts';
import { useMedia } from './use-media.ts';

const kinds = [
  { kind: 'video', input: 'videoinput', label: 'Camera' },
  { kind: 'audio', input: 'audioinput', label: 'Microphone' },
] as const satisfies { kind: Kind; input: MediaDeviceKind; label: string }[];

/** Chooses camera and microphone. */
export function Devices({ media }: { media: Media }) {
  const { devices, chosen } = useMedia(media);
  return (
    <div className="devices">
      {kinds.map(({ kind, input, label }) => {
        const all = devices.filter((device) => device.kind === input);
        return (
          <label key={kind}>
            {label}
            <select
              value={chosen[kind] ?? ''}
              disabled={all.length === 0}
              onChange={({ target }) => void media.choose(kind, target.value)}
            >
              {chosen[kind] === undefined && (
                <option value="">{all.length === 0 ? 'None' : 'Choose…'}</option>
              )}
              {all.map(({ deviceId, label: name }, at) => (
                <option key={deviceId} value={deviceId}>
                  {name || `${label} ${at + 1}`}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </div>
  );
}
