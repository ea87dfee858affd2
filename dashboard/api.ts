/** The server does not take the token. */
export class Unauthorized extends Error {
  override name = 'Unauthorized';
}

/** What `/stats` says. */
export interface Stats {
  roomCount: number;
  totalPeers: number;
  away: number;
  rooms: RoomSummary[];
  /** Of the room that was asked for. */
  peers?: Peer[];
  scope: 'instance' | 'cluster';
  instances: { heard: number; expected: number; complete: boolean };
}

export interface RoomSummary {
  id: string;
  peerCount: number;
  /** ISO 8601. */
  createdAt: string;
}

export interface Peer {
  id: string;
  dialect: 'v1' | 'plain';
  status: 'here' | 'away';
  instance: string;
}

/** What a client told of its media connection. */
export interface Report {
  event: string;
  ms?: number;
  path?: string;
  candidates?: Record<string, number>;
  reason?: string;
}

/** A pair of peers, as `/calls` shows it. */
export interface Call {
  room: string;
  peers: [string, string];
  /** ISO 8601. */
  startedAt: string;
  diagnosis: string;
  sides: { peer: string; report?: Report }[];
  timeline: { at: string; peer: string; event: string; count: number; report?: Report }[];
}

/** What `/ready` says. */
export interface Ready {
  checks: { redis: 'ok' | 'down' | 'off'; draining: boolean };
}

const TOKEN = 'record-meet-stats-token';

/** The operator's token, until the tab is closed. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value: string) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

/** @throws Unauthorized, or what `fetch` throws if the server can't be reached */
async function ask(path: string): Promise<Response> {
  const known = token.get();
  const headers = known === null ? undefined : { authorization: `Bearer ${known}` };
  const response = await fetch(path, { ...(headers && { headers }), signal: AbortSignal.timeout(10_000) });
  if (response.status === 401) throw new Unauthorized();
  return response;
}

async function json<T>(path: string): Promise<T> {
  const response = await ask(path);
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return response.json();
}

/** Counts, and up to `limit` rooms from behind `after`. */
export function stats(limit: number, after?: string): Promise<Stats> {
  const query = new URLSearchParams({ limit: String(limit), ...(after !== undefined && { after }) });
  return json(`/stats?${query}`);
}

/** Who is in a room, and whether all instances were asked. */
export async function peers(room: string): Promise<{ peers: Peer[]; scope: Stats['scope'] }> {
  const { peers = [], scope } = await json<Stats>(`/stats?${new URLSearchParams({ limit: '0', room })}`);
  return { peers, scope };
}

/** The latest calls of a room, or of all. */
export async function calls(room: string | undefined): Promise<Call[]> {
  const query = new URLSearchParams({ limit: '100', ...(room !== undefined && { room }) });
  return (await json<{ calls: Call[] }>(`/calls?${query}`)).calls;
}

/** 503 is an answer, too. */
export const ready = async (): Promise<Ready> => (await ask('/ready')).json();

/** The text of `/metrics`. */
export const metrics = async (): Promise<string> => (await ask('/metrics')).text();
