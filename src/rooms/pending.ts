import { Draft } from './draft.ts';
import type { Room, Seating } from './room.ts';

/** A change that waits to be written. */
export interface Pending {
  /** Looks at the draft and changes it; once more, if the room turns out to be another one. */
  change(draft: Draft): void;
  /** The connection that it gives a place, if it does: asked after `change`. */
  seating?(): Seating | undefined;
  /** The change is made, and the others are told. */
  done?(): void;
  /** It is for all instances or for none: called in place of the others while they can't be reached. */
  failed?(): void;
}

/** A room as these changes would make it. */
export function draftOf(room: Room, batch: Pending[]): Draft {
  const draft = new Draft(room);
  for (const { change } of batch) change(draft);
  return draft;
}

/** The connections that get a place by these changes, by their names. */
export function seatingsOf(batch: Pending[]): Map<string, Seating> {
  const seatings = new Map<string, Seating>();
  for (const pending of batch) {
    const seating = pending.seating?.();
    if (seating) seatings.set(seating.session.conn, seating);
  }
  return seatings;
}
