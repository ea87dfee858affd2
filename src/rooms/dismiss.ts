import type { Entry } from '../cluster/cluster.ts';
import { CloseCode } from '../protocol/codes.ts';
import type { Rooms } from './rooms.ts';

/**
 * Removes a peer for good, wherever it is: the token that it came with, if it did, is good no longer.
 *
 * @throws ClusterDown if its instance can't be told
 */
export async function dismiss(
  { cluster, known, removed }: Rooms,
  room: string,
  { id, session, instance }: Entry,
): Promise<void> {
  if (instance !== cluster.instance) return cluster.send(instance, { is: 'remove', room, peer: id, session });
  const peer = known.find(room, id);
  if (peer?.entry.session !== session) return;
  removed.add(room, id, peer.permit, Date.now() / 1000);
  known.enter(room).writer.submit({
    change: (draft) => {
      if (draft.get(id)?.session === session) draft.delete(id, CloseCode.Removed);
    },
  });
}
