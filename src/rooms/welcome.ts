import type { ChatLogs } from './chat-log.ts';
import type { Arrival, Peer } from './peer.ts';
import type { Room, Seating } from './room.ts';

/** What a v1 client is told when it comes, and how its seat and the chat are kept. */
export interface Welcome {
  /** How long the seat of a lost connection is kept. */
  graceSeconds: number;
  heartbeatSeconds: number;
  /** The longest message that is taken, bytes. */
  messageBytes: number;
  /** Chat messages that are kept of one room. */
  chatHistory: number;
  /** How long after the last one. */
  chatTtlSeconds: number;
  /** Whether it is remembered how calls are set up. */
  callLog: boolean;
  /** The STUN and TURN servers for a peer. */
  iceServers(peer: string): { iceServers: object[]; expiresAt: string | null };
}

/** The defaults of the settings, without ICE servers. */
export const WELCOME: Welcome = {
  graceSeconds: 30,
  heartbeatSeconds: 25,
  messageBytes: 65_536,
  chatHistory: 50,
  chatTtlSeconds: 86_400,
  callLog: true,
  iceServers: () => ({ iceServers: [], expiresAt: null }),
};

/** The first `peers` of a v1 client: the whole roster, and what it needs to go on. */
export function welcomeFrame(options: Welcome, chats: ChatLogs, peer: Peer, seating: Seating): Buffer {
  const { room } = peer;
  const { arrival, resumed } = seating;
  const { graceSeconds, heartbeatSeconds, messageBytes } = options;
  const { iceServers, expiresAt } = options.iceServers(peer.permit ? peer.id : 'anonymous');
  // Numbers of another log mean nothing in this one.
  const known = arrival.chatLog === undefined || arrival.chatLog === room.chat.id;
  const since = known ? arrival.since : Number.POSITIVE_INFINITY;
  const fixed = {
    id: peer.entry.session,
    seat: arrival.seat,
    resumed,
    graceSeconds,
    heartbeatSeconds,
    iceServers,
    iceServersExpireAt: expiresAt,
    limits: { messageBytes },
    chatLog: room.chat.id,
  };
  const chat = chats.read(room.chat, since, Date.now());
  const live = `"peers":${room.entries()},"chat":${chat}}`;
  return room.roster(undefined, `,"session":${JSON.stringify(fixed).slice(0, -1)},${live}`);
}

/**
 * An island goes on where the one who comes back left off: if it does not know the room's chat at all, and if
 * only its last messages have not come here. It would have to say otherwise that messages are missing, and bring
 * all of them once more.
 */
export function believe({ chat, chatKnown }: Room, arrival: Arrival): Arrival {
  const { chatLog, since } = arrival;
  if (chatLog === undefined || since === undefined) return arrival;
  if (!chatKnown) {
    // Numbers that were given here may be others elsewhere.
    if (chat.lastAt > 0) return arrival;
    if (chat.seq === 0) {
      chat.id = chatLog;
      chat.seq = since;
    }
  }
  return chat.id === chatLog ? { ...arrival, since: Math.min(since, chat.seq) } : arrival;
}
