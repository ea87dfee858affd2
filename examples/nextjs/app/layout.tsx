import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import './globals.css';
import './pages.css';
import './meeting.css';
import './panels.css';

export const metadata: Metadata = {
  title: { default: 'Record Meet', template: '%s – Record Meet' },
  description: 'Meetings from browser to browser',
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  interactiveWidget: 'resizes-content',
};

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
