import type { RoomPeer } from 'record-meet-client';

/** Somebody in the room, as the page shows them. */
export interface Person {
  id: string;
  name: string;
  own: boolean;
  /** In words. */
  status: string;
  away: boolean;
  microphone: boolean;
  camera: boolean;
  /** Camera and microphone, once they have come. */
  stream: MediaStream | undefined;
  screens: MediaStream[];
}

/** What each page shows the others of itself by `setState`. */
export interface Shown {
  name: string;
  microphone: boolean;
  camera: boolean;
  /** The id of the stream with camera and microphone: any other is a screen. */
  stream: string;
}

/** A peer's name, or its id while it has said none. What a peer says may be anything. */
export function nameOf({ id, state }: Pick<RoomPeer, 'id' | 'state'>): string {
  return typeof state.name === 'string' && state.name.trim() !== '' ? state.name.slice(0, 60) : id;
}

/** Another peer; one that shows nothing of itself, as it has another client, sends its camera first. */
export function personOf(
  peer: RoomPeer,
  streams: MediaStream[],
  connection: RTCPeerConnectionState | undefined,
): Person {
  const { state } = peer;
  const stream = state.stream ? streams.find(({ id }) => id === state.stream) : streams[0];
  return {
    id: peer.id,
    name: nameOf(peer),
    own: false,
    status: statusOf(peer, connection),
    away: peer.status === 'away',
    microphone: state.microphone !== false,
    camera: state.camera !== false,
    stream,
    screens: streams.filter((one) => one !== stream),
  };
}

function statusOf({ status }: RoomPeer, connection: RTCPeerConnectionState | undefined): string {
  if (status === 'away') return 'away, may come back';
  switch (connection) {
    case 'connected':
      return 'here';
    case 'disconnected':
    case 'failed':
      return 'here, looking for a way to them…';
    default:
      return 'here, calling…';
  }
}
