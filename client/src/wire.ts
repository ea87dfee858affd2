import type { ChannelInit } from './channels.ts';
import type { RoomPeer } from './types.ts';

/** A peer's entry in a roster. */
export type Entry = RoomPeer;

/** What the first `peers` carries beside its data. */
export interface Welcome {
  id: string;
  seat: string;
  resumed: boolean;
  graceSeconds: number;
  heartbeatSeconds: number;
  peers: Entry[];
  iceServers: RTCIceServer[];
  iceServersExpireAt: string | null;
  /** `messageBytes`: the longest message that is taken; 0: no limit. */
  limits: { messageBytes: number };
  chat: { messages: Frame[]; complete: boolean };
  /** Names the run of the chat's numbers. */
  chatLog: string;
}

/** A message to the server. */
export interface Outgoing {
  type: string;
  to?: string | undefined;
  data?: unknown;
  id?: string | undefined;
}

/** A frame from the server. */
export interface Frame {
  type: string;
  from: string;
  data?: unknown;
  to?: string;
  id?: string;
  seq?: number;
  time?: string;
  peer?: Entry;
  session?: Welcome;
  /** The entries of all, beside a `peers`. */
  roster?: Entry[];
}

/** What a signal of this library carries beside a description or a candidate. */
export interface SignalData extends RTCIceCandidateInit {
  sdp?: string;
  /** The link that speaks. */
  link?: number;
  /** The link that is spoken to, once it is known. */
  peerLink?: number;
  /** Asks for a data channel; without `init`, to close it. */
  channel?: string;
  init?: ChannelInit;
  /** The link is closed, while its peer stays in the room. */
  hangup?: true;
}
