import type { ClientType } from './messages.ts';

/** What each type must have. */
const NEEDS: Record<ClientType, { to: boolean; data: boolean; id?: true }> = {
  offer: { to: true, data: true },
  answer: { to: true, data: true },
  ice: { to: true, data: true },
  chat: { to: false, data: true },
  peers: { to: false, data: false },
  ping: { to: false, data: false },
  remove: { to: true, data: false },
  state: { to: false, data: true },
  ack: { to: true, data: false, id: true },
  report: { to: true, data: true },
};

/** The first field that a message of this type must have and has not. */
export function whatMisses(
  type: ClientType,
  to: string,
  id: string | undefined,
  hasData: boolean,
): 'to' | 'id' | 'data' | undefined {
  const needs = NEEDS[type];
  if (needs.to && to === '') return 'to';
  if (needs.id && id === undefined) return 'id';
  if (needs.data && !hasData) return 'data';
  return undefined;
}
