/** What became of a media connection, as one side saw it. */
export interface Report {
  event: 'connected' | 'failed' | 'restarted' | 'closed';
  /** Since the side began, or began anew, ms. */
  ms?: number;
  /** The kind of path that the media takes. */
  path?: 'host' | 'srflx' | 'prflx' | 'relay';
  /** Candidates that this side found, by kind. */
  candidates?: { host?: number; srflx?: number; relay?: number };
  /** Why it failed. */
  reason?: string;
}

const EVENTS = ['connected', 'failed', 'restarted', 'closed'] as const;
const PATHS = ['host', 'srflx', 'prflx', 'relay'] as const;
/** The longest reason that is kept, characters. */
const MOST_REASON = 200;

/**
 * Reads the `data` of a `report`. What is of the wrong kind in it is left out: it comes from a client.
 *
 * @param text valid JSON
 * @returns undefined if it names no event
 */
export function readReport(text: string): Report | undefined {
  const said = JSON.parse(text) as Record<string, unknown> | null;
  const event = EVENTS.find((one) => one === said?.event);
  if (!event) return undefined;
  const { ms, reason, candidates } = said as Record<string, unknown>;
  const path = PATHS.find((one) => one === said?.path);
  const isCount = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
  const counts = Object.entries(typeof candidates === 'object' ? (candidates ?? {}) : {});
  return {
    event,
    ...(isCount(ms) && { ms: ms as number }),
    ...(path && { path }),
    ...(candidates !== undefined && {
      candidates: Object.fromEntries(
        counts.filter(([kind, n]) => PATHS.includes(kind as 'host') && isCount(n)),
      ),
    }),
    ...(typeof reason === 'string' && { reason: reason.slice(0, MOST_REASON) }),
  };
}
