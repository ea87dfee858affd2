import { type Frame, socket, type TestSocket } from '../helper.ts';

/** What the first `peers` of a v1 client carries beside its data. */
export interface Welcome {
  id: string;
  seat: string;
  resumed: boolean;
  graceSeconds: number;
  heartbeatSeconds: number;
  peers: { id: string; session: string; dialect: string; status: string; state: unknown }[];
  iceServers: { urls: string[]; username?: string }[];
  iceServersExpireAt: string | null;
  chat: { messages: Frame[]; complete: boolean };
  limits: { messageBytes: number };
  chatLog: string;
}

/** A v1 client's socket, and what it was told when it came. */
export interface V1 extends TestSocket {
  welcome: Welcome;
  data: string[];
}

/** Joins in the v1 dialect; with a `seat` it comes back. */
export async function joinV1(
  server: { port: number },
  room: string,
  peer: string,
  options: { seat?: string; token?: string; since?: number; log?: string } = {},
): Promise<V1> {
  const { seat, token, since, log } = options;
  const protocols = ['record-meet.v1'];
  if (token) protocols.push(`token.${token}`);
  if (seat) protocols.push(`seat.${seat}`);
  const query = new URLSearchParams();
  if (since !== undefined) query.set('since', String(since));
  if (log !== undefined) query.set('log', log);
  const opened = socket(server, `/ws/${room}/${peer}?${query}`, {}, protocols);
  const first = await opened.next();
  return Object.assign(opened, { welcome: first.session as Welcome, data: first.data as string[] });
}
