import type { ReactNode } from 'react';

/** All icons are drawn in the color of the text, on 24 by 24; the button that one stands in says what it means. */
const paths = {
  microphone: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4',
  muted:
    'M15 9.5V6a3 3 0 0 0-5.8-1M9 9v2a3 3 0 0 0 4.5 2.6M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.4 2.2M12 17v4M4 4l16 16',
  camera: 'M5 7h8a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2zM15 11l6-3v8l-6-3',
  cameraOff: 'M10 7h3a2 2 0 0 1 2 2v2l6-3v8M15 15a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2M4 4l16 16',
  hand: 'M8 12V6a1.5 1.5 0 0 1 3 0v5M11 11V4.5a1.5 1.5 0 0 1 3 0V11M14 11V6a1.5 1.5 0 0 1 3 0v8a6 6 0 0 1-6 6c-3 0-4.5-1.5-6-4.5l-1-2.2a1.5 1.5 0 0 1 2.6-1.5L8 14',
  screen:
    'M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM9 21h6M12 14V8M9.5 10.5 12 8l2.5 2.5',
  chat: 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6M17.5 14.5A6 6 0 0 1 21 20',
  record: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  leave: 'M3 14.5c5-4.6 13-4.6 18 0l-2 2.8-4-1.6v-2.6a12 12 0 0 0-6 0v2.6l-4 1.6z',
  speaker: 'M4 5h11v14H4zM18 5h2M18 12h2M18 19h2',
  grid: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  close: 'M6 6l12 12M18 6 6 18',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  send: 'M4 12 20 4l-5 16-3-7zM12 13l3-3',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The same as app/icon.svg. */
export function Logo(): ReactNode {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#1f6f63" />
      <rect x="6" y="10" width="13" height="12" rx="3.5" fill="#fff" />
      <path d="M21 14.5 26 11v10l-5-3.5z" fill="#bfe5dc" />
    </svg>
  );
}

/** How good a connection is, as bars. */
export function Bars({ quality }: { quality: 'good' | 'fair' | 'poor' }): ReactNode {
  const filled = { poor: 1, fair: 2, good: 3 }[quality];
  return (
    <svg className="bars" viewBox="0 0 16 16" data-quality={quality} aria-hidden="true">
      {[0, 1, 2].map((at) => (
        <rect
          key={at}
          x={1 + at * 5}
          y={10 - at * 4}
          width="4"
          height={5 + at * 4}
          rx="1"
          opacity={at < filled ? 1 : 0.3}
        />
      ))}
    </svg>
  );
}
