/** The WebSocket subprotocol of the v1 dialect; without it a client speaks plain. */
export const SUBPROTOCOL = 'record-meet.v1';

/** How a client speaks: `plain` as with the original server, or `v1`. */
export type Dialect = 'plain' | 'v1';

/** What any client may send. */
export const plainTypes = ['offer', 'answer', 'ice', 'chat', 'peers', 'ping', 'remove'] as const;
/** What a v1 client may send beside that. */
export const v1Types = ['state', 'ack', 'report'] as const;
export type ClientType = (typeof plainTypes)[number] | (typeof v1Types)[number];

/** What only the server says, beside what it relays. */
export const serverTypes = [
  'peers',
  'new-peer',
  'peer-left',
  'peer-away',
  'peer-back',
  'pong',
  'error',
  'announcement',
  'go-away',
] as const;
export type ServerType = (typeof serverTypes)[number];

/** One frame on the wire: a UTF-8 text frame that holds one JSON object. */
export interface Envelope {
  type: ClientType | ServerType;
  /** The sender's room. The server writes it; what a client puts here is ignored. */
  room: string;
  /** The sender's peer id, or `server`. The server writes it. */
  from: string;
  /** The peer that is meant. Empty counts as none. */
  to?: string;
  /** Passed on as the JSON text that came, never looked into. */
  data?: unknown;
  /** The sender's name for this message, 1 to 128 characters; an `error` about it repeats it. */
  id?: string;
  /** `chat` to the room: counts from 1 in each room, without gaps. */
  seq?: number;
  /** `chat`: when the server took it, ISO 8601. */
  time?: string;
}
