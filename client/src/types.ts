import type { RoomError } from './errors.ts';

/** What peers say to each other to set up a call. */
export type SignalType = 'offer' | 'answer' | 'ice';

/** A peer of the room, as the others see it. */
export interface RoomPeer {
  readonly id: string;
  /** Names its run: the same over its reconnects, another one after a reload. */
  readonly session: string;
  /** `plain`: a client without this library. */
  readonly dialect: 'v1' | 'plain';
  /** `away`: it lost its connection and may come back. */
  readonly status: 'here' | 'away';
  /** What it shows of itself by `setState`. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** A chat message. */
export interface ChatMessage {
  from: string;
  data: unknown;
  /** The only receiver, of a private one. */
  to?: string | undefined;
  /** Its number in the room, from 1; private ones have none. */
  seq?: number | undefined;
  /** When the server took it, ISO 8601. */
  time: string;
}

/** `connecting` for the first time, `connected`, `reconnecting`, or `closed` for good. */
export type RoomStatus = 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** What a room tells its listeners. */
export interface RoomEvents {
  status: RoomStatus;
  /** A peer is there. `offer`: it came later than this one, so this one makes the offer. */
  'peer-joined': { peer: RoomPeer; offer: boolean };
  'peer-left': RoomPeer;
  'peer-away': RoomPeer;
  'peer-back': RoomPeer;
  'peer-state': RoomPeer;
  /** An offer, an answer or a candidate: each once, in the order of sending. */
  signal: { type: SignalType; from: RoomPeer; data: unknown };
  chat: ChatMessage;
  /** Some chat messages from before are no longer kept. */
  'chat-gap': undefined;
  /** What the operator says to everybody. */
  announcement: unknown;
  /** The STUN and TURN servers: at first, after each reconnect, and before the credentials expire. */
  'ice-servers': { iceServers: RTCIceServer[]; expiresAt: string | null };
  /** Something went wrong that ends nothing. */
  error: RoomError;
  /** The room is closed for good; without an error, by `leave()`. */
  closed: RoomError | undefined;
}

/** What a call tells its listeners; `peer` is a peer id. */
export interface CallEvents {
  /** A peer's camera, screen or microphone has come. */
  stream: { peer: string; stream: MediaStream };
  /** A stream lost its last track, or its peer has left or hung up. */
  'stream-ended': { peer: string; stream: MediaStream };
  /** A data channel to a peer is open, whichever side added it. */
  channel: { peer: string; channel: RTCDataChannel };
  /** The media connection to a peer changed its state. */
  connection: { peer: string; state: RTCPeerConnectionState };
  /** A negotiation with a peer went wrong; the call goes on. */
  error: { peer: string; error: Error };
}

export interface RoomOptions {
  /** The signaling server: `wss://signal.example.com`. */
  url: string;
  room: string;
  peerId: string;
  /** A room token that stays good for as long as the call may last. */
  token?: string;
  /** Gets a fresh room token; asked before each connect, and once more when one is refused. */
  getToken?: () => string | Promise<string>;
  /** Leaves the room. */
  signal?: AbortSignal | undefined;
  /** How to open a socket. @default the global WebSocket */
  connect?: (url: string, protocols: string[]) => WebSocket;
}
