/** How well a connection carries sound and picture. */
export type Quality = 'good' | 'fair' | 'poor';

/** How often to look, ms. */
const EVERY = 3_000;
/** From which share of lost packets, or from which round trip in seconds, a call suffers; the worse one counts. */
const LIMITS = [
  { quality: 'poor', loss: 0.1, roundTrip: 0.6 },
  { quality: 'fair', loss: 0.03, roundTrip: 0.3 },
] as const;

/** Packets since the connection began. */
interface Count {
  received: number;
  lost: number;
}

/**
 * Watches a connection by its statistics, in both directions; a connection that is interrupted is poor.
 *
 * @param onChange told at first, and whenever it has changed
 * @returns ends the watch
 */
export function watchQuality(pc: RTCPeerConnection, onChange: (quality: Quality) => void): () => void {
  let last: Quality | undefined;
  let before: Count = { received: 0, lost: 0 };
  let ended = false;

  async function look(): Promise<void> {
    if (pc.connectionState === 'disconnected' || pc.connectionState === 'failed') return tell('poor');
    if (pc.connectionState !== 'connected') return;
    const { count, lossThere, roundTrip } = read(await pc.getStats());
    const lost = Math.max(0, count.lost - before.lost);
    const all = lost + Math.max(0, count.received - before.received);
    before = count;
    tell(qualityOf(Math.max(all > 0 ? lost / all : 0, lossThere), roundTrip));
  }

  function tell(quality: Quality): void {
    if (ended || quality === last) return;
    last = quality;
    onChange(quality);
  }

  const timer = setInterval(() => void look(), EVERY);
  const soon = () => void look();
  pc.addEventListener('connectionstatechange', soon);
  soon();
  return () => {
    ended = true;
    clearInterval(timer);
    pc.removeEventListener('connectionstatechange', soon);
  };
}

/** What a share of lost packets (0 to 1) and a round trip in seconds make of a call. */
export function qualityOf(loss: number, roundTrip: number): Quality {
  const reached = LIMITS.find((limit) => loss >= limit.loss || roundTrip >= limit.roundTrip);
  return reached?.quality ?? 'good';
}

function read(stats: RTCStatsReport): { count: Count; lossThere: number; roundTrip: number } {
  const count: Count = { received: 0, lost: 0 };
  let [lossThere, roundTrip] = [0, 0];
  for (const report of stats.values()) {
    if (report.type === 'inbound-rtp') {
      count.received += report.packetsReceived ?? 0;
      count.lost += report.packetsLost ?? 0;
    } else if (report.type === 'remote-inbound-rtp') {
      lossThere = Math.max(lossThere, report.fractionLost ?? 0);
    } else if (report.type === 'candidate-pair' && report.nominated) {
      roundTrip = Math.max(roundTrip, report.currentRoundTripTime ?? 0);
    }
  }
  return { count, lossThere, roundTrip };
}
