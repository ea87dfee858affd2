import type { PeerView } from 'record-meet-client/react';

/** What each page of this app shows the others of itself, by `room.setState`. */
export interface Shown {
  name: string;
  muted: boolean;
  camera: boolean;
  hand: boolean;
  recording: boolean;
  /** The id of the stream that is the screen, while it is shared. */
  screen?: string;
}

/** How somebody is connected; `away` is one who has lost the signaling server, whose media may well go on. */
export type Status = 'connecting' | 'connected' | 'reconnecting' | 'away';

/** Somebody in the meeting, as this page shows them. */
export interface Person extends Omit<Shown, 'screen'> {
  id: string;
  own: boolean;
  status: Status;
  /** Camera and microphone, once they have come. */
  stream: MediaStream | undefined;
  screen: MediaStream | undefined;
}

/** Of a name, in Unicode code points; longer ones are cut. */
export const MOST_NAME = 60;

/** Another one. What peers say may be anything; a client that is not this app says nothing, and sends a camera. */
export function personOf({ id, state, streams, status, connection }: PeerView): Person {
  const screen = streams.find((stream) => stream.id === state.screen);
  return {
    id,
    own: false,
    name: nameIn(state) ?? id,
    muted: state.muted === true,
    camera: state.camera !== false,
    hand: state.hand === true,
    recording: state.recording === true,
    status: status === 'away' ? 'away' : statusOf(connection),
    stream: streams.find((stream) => stream !== screen),
    screen,
  };
}

/** A name that something of a peer's has, if it has one. */
export function nameIn(said: unknown): string | undefined {
  const { name } = (said ?? {}) as { name?: unknown };
  if (typeof name !== 'string' || name.trim() === '') return undefined;
  return [...name.trim()].slice(0, MOST_NAME).join('');
}

function statusOf(connection: RTCPeerConnectionState): Status {
  if (connection === 'connected') return 'connected';
  return connection === 'disconnected' || connection === 'failed' ? 'reconnecting' : 'connecting';
}
