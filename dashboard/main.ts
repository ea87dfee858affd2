import { metrics, type Ready, ready, type Stats, token, Unauthorized } from './api.ts';
import { CallList } from './calls.ts';
import { charts } from './charts.ts';
import { type Figures, Meter } from './figures.ts';
import { byId, say } from './page.ts';
import { PeerList } from './peers.ts';
import { RoomList } from './rooms.ts';
import { Tiles } from './tiles.ts';
import { counted, duration, moment, short, whole } from './words.ts';

/** How often the server is asked, ms. */
const EVERY = 2_000;

const guarded = document.documentElement.dataset.guarded === 'yes';
const meter = new Meter();
const tiles = new Tiles();
const calls = new CallList(() => void refresh());
const peers = new PeerList();
const rooms = new RoomList(choose, () => void refresh());
byId('charts').append(...Object.values(charts).map(({ figure }) => figure));

let timer: ReturnType<typeof setTimeout> | undefined;
let asking = false;
let again = false;
let lostAt: number | undefined;

/** Asks for everything and shows it, over and over. */
async function refresh(): Promise<void> {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  clearTimeout(timer);
  try {
    const [counts, text, state] = await Promise.all([
      rooms.refresh(),
      metrics(),
      ready(),
      calls.refresh(),
      peers.refresh(),
    ]);
    lostAt = undefined;
    show(counts, meter.take(text, performance.now()), state);
  } catch (error) {
    if (error instanceof Unauthorized) return askForToken('The server does not take this token.');
    lostAt ??= Date.now();
    say(byId('status'), `No answer since ${moment(lostAt)}; trying again`);
    document.body.classList.add('lost');
  } finally {
    asking = false;
  }
  timer = setTimeout(refresh, again ? 0 : EVERY);
  again = false;
}

function show(counts: Stats, figures: Figures, { checks }: Ready): void {
  const now = Date.now() / 1000;
  document.body.classList.remove('lost');
  const scope = counts.scope === 'cluster' ? 'all instances' : 'this instance';
  say(byId('status'), checks.draining ? `Live, ${scope}: draining` : `Live, ${scope}`);

  tiles.set(
    'Peers',
    whole(counts.totalPeers),
    counts.away > 0 ? `${whole(counts.away)} of them away` : 'nobody is away',
  );
  tiles.set('Rooms', whole(counts.roomCount));
  tiles.set('Messages', figures.messages === undefined ? '–' : short(figures.messages), 'per second');
  tiles.set('Relay', figures.relayP99 === undefined ? '–' : duration(figures.relayP99), 'p99 of a minute');
  tiles.set('Event loop', duration(figures.loopP99), 'p99 of its delay', figures.loopP99 > 0.1 ? 'bad' : '');
  showCalls(figures);
  const { heard, expected, complete } = counts.instances;
  tiles.set(
    'Instances',
    `${heard} of ${expected}`,
    complete ? 'all are heard' : 'some are not heard',
    complete ? 'good' : 'bad',
  );
  const redis = { ok: 'ok', down: 'down', off: 'off' }[checks.redis];
  const mood = { ok: 'good', down: 'bad', off: '' } as const;
  tiles.set(
    'Redis',
    redis,
    { ok: 'it answers', down: 'going on alone', off: 'in memory' }[checks.redis],
    mood[checks.redis],
  );

  charts.people.add(now, [counts.totalPeers, counts.roomCount]);
  charts.messages.add(now, [figures.messages]);
  charts.relay.add(now, [figures.relayP99]);
  charts.loop.add(now, [figures.loopP99]);
  showRoom();
}

function showCalls({ connected, failed }: Figures): void {
  const all = connected + failed;
  if (all === 0) return tiles.set('Calls set up', '–', 'no reports yet');
  const part = connected / all;
  const text = part.toLocaleString(undefined, {
    style: 'percent',
    maximumFractionDigits: part > 0.99 ? 1 : 0,
  });
  tiles.set(
    'Calls set up',
    text,
    `${whole(connected)} of ${counted(all, 'report')}`,
    part < 0.9 ? 'bad' : 'good',
  );
}

/** The room that the page's address names. */
function roomOfHash(): string | undefined {
  try {
    return decodeURIComponent(location.hash.slice(1)) || undefined;
  } catch {
    return undefined;
  }
}

/** Shows one room, or all. */
function choose(room: string | undefined): void {
  rooms.chosen = room;
  rooms.mark();
  history.replaceState(null, '', room === undefined ? '#' : `#${encodeURIComponent(room)}`);
  showRoom();
  void refresh();
  const title = byId('calls-title');
  // On a phone the calls are below the list.
  if (matchMedia('(width < 760px)').matches) title.focus();
}

function showRoom(): void {
  const { chosen } = rooms;
  say(byId('calls-title'), chosen === undefined ? 'Latest calls' : `Room ${chosen}`);
  byId('all-rooms').hidden = chosen === undefined;
  calls.choose(chosen);
  peers.choose(chosen);
  const known = chosen === undefined ? undefined : rooms.about(chosen);
  const facts = known && `${counted(known.peerCount, 'peer')} since ${moment(known.createdAt)}`;
  say(byId('room-facts'), chosen === undefined ? '' : (facts ?? 'Not in the list as it stands.'));
}

function askForToken(problem: string | undefined): void {
  token.forget();
  byId('board').hidden = true;
  byId('gate').hidden = false;
  say(byId('status'), '');
  say(byId('token-error'), problem);
  byId('token').focus();
}

function begin(): void {
  byId('gate').hidden = true;
  byId('board').hidden = false;
  say(byId('status'), 'Asking…');
  void refresh();
}

byId('all-rooms').addEventListener('click', () => choose(undefined));
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId<HTMLInputElement>('token');
  const given = field.value.trim();
  field.value = '';
  if (!/^[!-~]+$/.test(given))
    return askForToken('No token looks like this: it would not fit into a header.');
  token.set(given);
  begin();
});
rooms.chosen = roomOfHash();
showRoom();
if (guarded && token.get() === null) askForToken(undefined);
else begin();
