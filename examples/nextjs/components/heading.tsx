import { type ReactNode, useEffect, useRef } from 'react';

/** The heading of what came in place of something else: it takes the focus, so that a screen reader goes on here. */
export function Heading({ className, children }: { className?: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h1 className={className} tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}
