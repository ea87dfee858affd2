import { isIP } from 'node:net';
import { createClient, createCluster } from 'redis';
import { inTime } from './in-time.ts';

/** Something that commands can be sent to, wherever their keys are. */
export interface Client {
  /** @param key one of the command's keys: it says which node has them */
  send(key: string, args: string[]): Promise<unknown>;
  /** It has several connections, and mends each by itself. */
  readonly mends?: true;
  destroy(): void;
}

/** How long a connection may take to come up, ms. */
const CONNECT_WITHIN = 1_000;
/** And until it is known what it leads to, which takes some answers, ms. */
const KNOWN_WITHIN = 3_000;
/** Between two tries to connect to a node of a cluster again, ms: at random up to this, which doubles. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

type Lost = (error: Error) => void;

/** What was opened on one way, to be ended if it leads nowhere. */
type Opened = { destroy(): void }[];

/**
 * Connects to what the URL leads to: a single server, a cluster by one of its nodes, or the master that a
 * sentinel names. Which it is the server says itself. It is the caller's to call again when the connection is
 * lost.
 *
 * @param urls further ways to the same after the first
 * @param lost the connection has broken
 * @throws the error of the last way
 */
export async function dial(urls: readonly string[], lost: Lost): Promise<Client> {
  const ways = urls.map(optionsOf);
  let failure: unknown;
  for (const way of ways) {
    const opened: Opened = [];
    let failed = false;
    const broken: Lost = (error) => failed || lost(error);
    try {
      // One that hangs takes the connection and answers nothing: the next one may do.
      return await inTime(go(way, ways, broken, opened), performance.now() + KNOWN_WITHIN);
    } catch (error) {
      failed = true;
      for (const one of opened) destroy(one);
      failure = error;
    }
  }
  throw failure;
}

async function go(way: Options, ways: Options[], lost: Lost, opened: Opened): Promise<Client> {
  const client = await open(way, lost, opened);
  switch (await modeOf(client)) {
    case 'standalone':
      return { send: (_key, args) => client.sendCommand(args), destroy: () => client.destroy() };
    case 'sentinel':
      return viaSentinel(way, client, lost, opened);
    case 'cluster':
      client.destroy();
      return viaCluster(ways, opened);
  }
}

/** Ends a connection, or what was to become one. */
export function destroy(client: { destroy(): void }): void {
  try {
    client.destroy();
  } catch {
    // It was closed already.
  }
}

type Options = ReturnType<typeof optionsOf>;

function optionsOf(url: string) {
  const { hostname, port, pathname, protocol, username, password } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const path = decodeURIComponent(pathname.slice(1));
  return {
    RESP: 2 as const,
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    disableOfflineQueue: true,
    disableClientInfo: true,
    socket: {
      host,
      port: Number(port || 6379),
      ...(protocol === 'rediss:' ? { tls: true as const, ...(isIP(host) ? {} : { servername: host }) } : {}),
      connectTimeout: CONNECT_WITHIN,
      // Who lost its connection decides itself when to try again.
      reconnectStrategy: false as const,
    },
    /** The number of a database, or the name of a sentinel's master. */
    path,
  };
}

async function open({ path, ...options }: Options, lost: Lost, opened: Opened) {
  const database = /^\d+$/.test(path) ? { database: Number(path) } : {};
  const client = createClient({ ...options, ...database });
  opened.push(client);
  client.on('error', lost);
  await client.connect();
  return client;
}

async function modeOf(client: { sendCommand(args: string[]): Promise<unknown> }) {
  // Who may not ask is on a server of its own.
  const hello = (await client.sendCommand(['HELLO']).catch(() => [])) as unknown[];
  const mode = hello[hello.indexOf('mode') + 1];
  return mode === 'cluster' || mode === 'sentinel' ? mode : 'standalone';
}

/** The sentinel says who is the master now. Its password is the master's, too. */
async function viaSentinel(
  way: Options,
  sentinel: Awaited<ReturnType<typeof open>>,
  lost: Lost,
  opened: Opened,
): Promise<Client> {
  try {
    const ask = (...args: string[]): Promise<unknown> => sentinel.sendCommand(['SENTINEL', ...args]);
    const masters = (await ask('MASTERS')) as string[][];
    const names = masters.map((master) => master[master.indexOf('name') + 1]!);
    const name = way.path || names[0];
    if (name === undefined || (way.path === '' && names.length > 1))
      throw new Error('the path of the URL has to name the master of the sentinel');
    const address = (await ask('GET-MASTER-ADDR-BY-NAME', name)) as [string, string] | null;
    if (!address) throw new Error(`the sentinel knows no master ${name}`);
    const socket = { ...way.socket, host: address[0], port: Number(address[1]) };
    const client = await open({ ...way, path: '', socket }, lost, opened);
    return {
      send: (_key: string, args: string[]) => client.sendCommand(args),
      destroy: () => client.destroy(),
    };
  } finally {
    destroy(sentinel);
  }
}

/** Nodes come and go, and the others are to serve meanwhile: each is connected to again by itself. */
async function viaCluster(ways: Options[], opened: Opened): Promise<Client> {
  const { path: _, socket, ...defaults } = ways[0]!;
  const { host: _host, port: _port, ...everywhere } = socket;
  const cluster = createCluster({
    RESP: 2,
    rootNodes: ways.map(({ socket: { host, port } }) => ({ socket: { host, port } })),
    defaults: {
      ...defaults,
      socket: {
        ...everywhere,
        reconnectStrategy: (tries) => Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries),
      },
    },
  });
  // What that does to a command, its sender hears.
  cluster.on('error', () => {});
  cluster.on('node-error', () => {});
  opened.push(cluster);
  await cluster.connect();
  return {
    mends: true,
    send: (key, args) => cluster.sendCommand(key, false, args),
    destroy: () => cluster.destroy(),
  };
}
