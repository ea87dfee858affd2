import type { Pair, Side } from './pairs.ts';
import type { Report } from './report.ts';

/** How long an answer may take before it counts as never given, ms. */
const PATIENCE = 10_000;

/**
 * What became of a call, or what it waits for, in plain words.
 *
 * @param turn whether TURN is configured
 * @param now ms since 1970
 */
export function diagnose(pair: Pair, turn: boolean, now: number): string {
  const [a, b] = pair.peers;
  const both: [string, Side][] = [
    [a, pair.sides[0]],
    [b, pair.sides[1]],
  ];
  const failed = both.filter(([, { report }]) => report?.event === 'failed');
  if (failed.length > 0) return failed.map(([id, { report }]) => failure(id, report!, turn)).join(' ');
  const connected = both.filter(([, { report }]) => report?.event === 'connected');
  if (connected.length > 0) return success(connected);
  if (both.some(([, { report }]) => report?.event === 'restarted'))
    return 'The connection broke, and new paths are being looked for.';
  if (both.some(([, { report }]) => report?.event === 'closed')) return 'The call has ended.';
  return negotiation(both, now - pair.startedAt > PATIENCE);
}

function failure(id: string, { ms, reason, candidates }: Report, turn: boolean): string {
  const after = ms === undefined ? '' : ` after ${seconds(ms)}`;
  const why = reason ? `: ${reason}` : '';
  const found = candidates && kinds(candidates);
  const onlyHost = found?.length === 1 && found[0] === 'host';
  const hint = found?.includes('relay')
    ? ''
    : turn
      ? ` ${id} found no relay candidates: its network may keep it from the TURN server.`
      : ` ${onlyHost ? `${id} offered host candidates only; no` : 'No'} TURN is configured.`;
  return `${id} saw the connection fail${after}${why}.${found?.length === 0 ? ` ${id} found no candidates at all.` : hint}`;
}

function kinds(candidates: NonNullable<Report['candidates']>): string[] {
  return Object.entries(candidates).flatMap(([kind, count]) => (count > 0 ? [kind] : []));
}

function success(connected: [string, Side][]): string {
  const said = connected.map(([id, { report }]) => {
    const after = report?.ms === undefined ? '' : ` after ${seconds(report.ms)}`;
    return `${id} is connected${after}${report?.path ? ` over ${report.path}` : ''}`;
  });
  return `${said.join('; ')}.`;
}

function negotiation(both: [string, Side][], long: boolean): string {
  const offerer = both.find(([, { offers }]) => offers > 0);
  const undelivered = both.find(([, side]) => side.undelivered > 0);
  const other = (id: string) => both.find(([one]) => one !== id)!;
  if (!offerer) {
    if (!undelivered) return 'Candidates have passed, but neither side has made an offer.';
    return `What ${undelivered[0]} sent could not be delivered: ${other(undelivered[0])[0]} was not there.`;
  }
  const [answererId, answerer] = other(offerer[0]);
  if (answerer.answers === 0 && offerer[1].answers === 0) {
    if (answerer.undelivered > 0)
      return `The answer of ${answererId} could not be delivered: ${offerer[0]} was not there.`;
    if (long) return `${answererId} never answered.`;
    return `${offerer[0]} has made an offer; ${answererId} has not answered yet.`;
  }
  const silent = both.filter(([, { candidates }]) => candidates === 0).map(([id]) => id);
  if (silent.length === 2)
    return 'Offer and answer have passed, and no candidates: they may stand in the descriptions.';
  if (silent.length === 1) return `Offer and answer have passed, but ${silent[0]} has sent no candidates.`;
  return 'Offer, answer and candidates have passed; neither side tells what became of it.';
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1).replace('.0', '')} s`;
}
