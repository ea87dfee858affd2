import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './icons.tsx';

interface SidePanelProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/**
 * Stands beside the tiles; on a phone over them. Escape closes it. It takes the focus; closed, it gives it back to
 * what had it before.
 */
export function SidePanel({ title, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  const before = useRef<Element>(null);
  useEffect(() => {
    before.current ??= document.activeElement; // StrictMode comes here twice
    const input = panel.current?.querySelector('input');
    (input ?? panel.current)?.focus();
    return () => {
      const nothingHasIt = document.activeElement === document.body;
      if (nothingHasIt && before.current instanceof HTMLElement) before.current.focus();
    };
  }, []);
  return (
    <aside
      className="panel"
      aria-label={title}
      tabIndex={-1}
      ref={panel}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose();
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="quiet" aria-label={`Close ${title.toLowerCase()}`} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </aside>
  );
}
