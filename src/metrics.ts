import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import { CloseCode, ErrorCode } from './protocol/codes.ts';
import { plainTypes, v1Types } from './protocol/messages.ts';
import type { Report } from './rooms/report.ts';
import type { Rooms } from './rooms/rooms.ts';
import type { Counts } from './rooms/tally.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

const PREFIX = 'record_meet_';

const TYPES = [...plainTypes, ...v1Types];
const ERRORS = Object.values(ErrorCode);
/** Ours, and those of clients and of the library under the socket (RFC 6455, section 7.4.1). */
const CLOSES = [...Object.values(CloseCode), 1000, 1001, 1002, 1005, 1006, 1007, 1008, 1009, 'other'].map(
  String,
);
const EVENTS: Report['event'][] = ['connected', 'failed', 'restarted', 'closed'];

/**
 * Registers all figures of an instance. Most of them are counted where they arise and only read here, when
 * somebody asks; no label is a room or a peer, so that their number is bounded.
 *
 * @returns ends it
 */
export function meter(registry: Registry, rooms: Rooms): () => void {
  const { tally, cluster } = rooms;
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  // All values are there from the start: of a series that begins with its first event no increase can be seen.
  const totals = (name: string, help: string, label: string, values: readonly string[], read: () => Counts) =>
    new Counter({
      name: PREFIX + name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const value of values) this.inc({ [label]: value }, 0);
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  const times = (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
    new Histogram({ name: PREFIX + name, help, registers, buckets, labelNames });

  new Gauge({ name: `${PREFIX}info`, help: 'Names this instance', registers, labelNames: ['instance'] }).set(
    { instance: cluster.instance },
    1,
  );
  gauge('peers', 'Peers that this instance answers for, those that are away too', () => rooms.census.peers);
  gauge('peers_away', 'Peers that lost their connection and may come back', () => rooms.census.away);
  gauge('rooms', 'Rooms that this instance lists', () => rooms.census.rooms);
  gauge('connections', 'Open sockets, those that wait for a place too', () => rooms.sessions.size);
  gauge('buffered_bytes', 'Output that waits for peers', () => {
    let bytes = 0;
    for (const { connection } of rooms.sessions) bytes += connection.buffered;
    return bytes;
  });
  gauge('draining', '1 while this instance drains', () => (rooms.draining ? 1 : 0));

  total('joins_total', 'Peers that got a place', () => tally.joins);
  total('resumes_total', 'Peers that came back to the place that was kept for them', () => tally.resumes);
  totals('closes_total', 'Connections that ended, by close code', 'code', CLOSES, () => tally.closes);
  totals('messages_total', 'Messages that came, by type', 'type', TYPES, () => tally.of('messages'));
  totals('message_bytes_total', 'Bytes of the messages that came, by type', 'type', TYPES, () =>
    tally.of('bytes'),
  );
  totals(
    'errors_total',
    'Messages that were answered with an error, by its code',
    'code',
    ERRORS,
    () => tally.errors,
  );
  total('rate_limited_total', 'Messages over the rate of their connection', () => tally.rateLimited);
  total('joins_limited_total', 'Joins over the rate of their address', () => tally.joinsLimited);

  const relays = times(
    'relay_seconds',
    'From a message to the end of its way through this instance, of one message in 64',
    [0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02],
  );
  tally.observeRelay = (seconds) => relays.observe(seconds);

  totals(
    'calls_total',
    'What clients report of their media connections, by event',
    'event',
    EVENTS,
    () => tally.calls,
  );
  const connected = times(
    'call_connected_seconds',
    'From the beginning of a call to its media connection, by the kind of path',
    [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30],
    ['path'],
  );
  tally.observeConnected = (seconds, path) => connected.observe({ path }, seconds);

  if (cluster.state !== 'off') {
    gauge('redis_up', '1 while Redis answers', () => (cluster.state === 'up' ? 1 : 0));
    gauge('instances', 'Instances that are heard of, this one included', () => cluster.members.length);
    const commands = times(
      'redis_command_seconds',
      'From a command to the answer of Redis',
      [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    );
    const lags = times(
      'inbox_lag_seconds',
      'From the writing of a note by another instance to its reading here',
      [0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    );
    cluster.observe({
      command: (seconds) => commands.observe(seconds),
      lag: (seconds) => lags.observe(seconds),
    });
  }

  return () => {
    tally.observeRelay = tally.observeConnected = undefined;
  };
}

/** Registers the figures of the webhooks. */
export function meterWebhooks(registry: Registry, webhooks: Webhooks): void {
  const registers = [registry];
  new Counter({
    name: `${PREFIX}webhooks_total`,
    help: 'Webhook messages by what became of them; failed: requests that are tried again, or were',
    registers,
    labelNames: ['result'],
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(webhooks.counts)) this.inc({ result }, count);
    },
  });
  new Gauge({
    name: `${PREFIX}webhooks_waiting`,
    help: 'Webhook messages that are not delivered yet',
    registers,
    collect() {
      this.set(webhooks.waiting);
    },
  });
}
