import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Between tiles, px; the style sheet has the same. */
const GAP = 10;
const SHAPE = 16 / 9;

interface TilesProps {
  layout: 'grid' | 'speaker';
  count: number;
  children: ReactNode;
}

/** Lays the tiles out: in a grid all have one size, the largest that fits; the last row stands in the middle. */
export function Tiles({ layout, count, children }: TilesProps) {
  const stage = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (!stage.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width, height });
    });
    observer.observe(stage.current);
    return () => observer.disconnect();
  }, []);
  const style = { '--tile-width': `${tileWidth(size, count)}px`, '--others': Math.max(1, count - 1) };
  return (
    <div className="stage" ref={stage}>
      <div className="tiles" data-layout={layout} style={style}>
        {children}
      </div>
    </div>
  );
}

/** The width at which so many tiles fit in and are as large as can be. */
function tileWidth({ width, height }: { width: number; height: number }, count: number): number {
  let most = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - GAP * (columns - 1)) / columns;
    const byHeight = ((height - GAP * (rows - 1)) / rows) * SHAPE;
    most = Math.max(most, Math.min(byWidth, byHeight));
  }
  return Math.max(0, Math.floor(most));
}
