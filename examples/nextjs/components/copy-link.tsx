import { useState } from 'react';
import { Icon } from './icons.tsx';

/** Copies the address of the meeting. */
export function CopyLink() {
  const [answer, setAnswer] = useState('');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      setAnswer('Copied.');
    } catch {
      setAnswer(`Copy this: ${location.href}`);
    }
  }
  return (
    <p className="copy-link">
      <button type="button" onClick={() => void copy()}>
        <Icon name="link" />
        Copy the link to invite others
      </button>
      <span role="status">{answer}</span>
    </p>
  );
}
