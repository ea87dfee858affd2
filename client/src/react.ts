import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { CallOptions } from './call.ts';
import { RoomStore, type RoomView } from './store.ts';
import type { RoomOptions } from './types.ts';

export type { PeerView, RoomView } from './store.ts';

/** Which room to join, and how. */
export interface UseRoomOptions
  extends Omit<RoomOptions, 'signal'>,
    Pick<CallOptions, 'iceServers' | 'configuration' | 'report'> {
  /** What to send to everybody: a camera, once there is one. Another one takes its place. */
  stream?: MediaStream | null | undefined;
}

/**
 * Joins a room and calls everybody in it for as long as the component is mounted. Another `url`, `room`,
 * `peerId` or `token` is another room; `getToken` may be a new function at each render.
 *
 * @returns the room as it is now: what to show, and `room` and `call` to act on
 */
export function useRoom({ stream, ...options }: UseRoomOptions): RoomView {
  const { url, room, peerId, token } = options;
  const latest = useRef(options);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only these four name another room
  const store = useMemo(() => {
    const { getToken, ...rest } = options;
    return new RoomStore({
      ...rest,
      ...(getToken && { getToken: () => (latest.current.getToken ?? getToken)() }),
    });
  }, [url, room, peerId, token]);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    store.open();
    return () => store.close();
  }, [store]);
  useEffect(() => store.send(stream ?? undefined), [store, stream]);
  return useSyncExternalStore(store.subscribe, store.view, store.view);
}
