import type { Frame } from '../../client/src/wire.ts';

/** The peers of a room as the frames of one connection tell of them, and what is wrong with those frames. */
export class Roster {
  /** Sessions by peer id; empty, where a plain peer is not told. */
  readonly sessions = new Map<string, string>();
  /** Those of whom it learned by `new-peer`. */
  readonly arrived = new Set<string>();
  readonly #complain: (text: string) => void;
  #greeted = false;

  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /** @returns who has left by this frame */
  take(frame: Frame): { id: string; session: string } | undefined {
    if (!this.#greeted && frame.type !== 'peers') this.#complain(`the first frame is ${frame.type}`);
    switch (frame.type) {
      case 'peers':
        return void this.#peers(frame);
      case 'new-peer': {
        const id = frame.data as string;
        if (this.sessions.has(id)) this.#complain(`new-peer ${id}, who is there`);
        this.sessions.set(id, frame.peer?.session ?? '');
        this.arrived.add(id);
        return;
      }
      case 'peer-left': {
        const id = frame.data as string;
        const session = this.sessions.get(id);
        if (session === undefined) this.#complain(`peer-left ${id}, who is not there`);
        this.sessions.delete(id);
        this.arrived.delete(id);
        return session === undefined ? undefined : { id, session };
      }
    }
  }

  #peers({ data, session, roster }: Frame & { roster?: { id: string; session: string }[] }): void {
    const ids = data as string[];
    const entries = session?.peers ?? roster;
    const known = new Map(entries?.map((entry) => [entry.id, entry.session]));
    if (entries && entries.map(({ id }) => id).join() !== ids.join())
      this.#complain('the ids of a peers are not those of its roster');
    for (const id of this.sessions.keys())
      if (!ids.includes(id)) this.#complain(`${id} is missing in a peers, without a peer-left`);
    for (const id of ids) if (!this.sessions.get(id)) this.sessions.set(id, known.get(id) ?? '');
    this.#greeted = true;
  }
}
