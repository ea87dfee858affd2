import { peers } from './api.ts';
import { byId, element, fill, say } from './page.ts';
import { whole } from './words.ts';

/** More than this many would only be scrolled past. */
const MOST = 200;

/** Who is in the chosen room, in order of joining. */
export class PeerList {
  /** By what is said of each, to leave alone what has not changed. */
  #items = new Map<string, HTMLLIElement>();
  #chosen: string | undefined;

  /** @param room undefined: none, and nothing is shown */
  choose(room: string | undefined): void {
    if (this.#chosen === room) return;
    this.#chosen = room;
    byId('peers-part').hidden = room === undefined;
    this.#show([], '');
  }

  async refresh(): Promise<void> {
    const room = this.#chosen;
    if (room === undefined) return;
    const { peers: all, scope } = await peers(room);
    // Another one may have been chosen meanwhile.
    if (this.#chosen !== room) return;
    const shown = all.slice(0, MOST).map(({ id, dialect, status, instance }) => {
      const facts = [status === 'away' ? 'away' : '', dialect, scope === 'cluster' ? `on ${instance}` : ''];
      return { id, status, facts: facts.filter((fact) => fact !== '').join(' · ') };
    });
    const more = all.length - shown.length;
    this.#show(shown, all.length === 0 ? 'Nobody is here.' : more > 0 ? `And ${whole(more)} more.` : '');
  }

  #show(shown: { id: string; status: string; facts: string }[], note: string): void {
    const items = new Map<string, HTMLLIElement>();
    for (const { id, status, facts } of shown) {
      const key = JSON.stringify([id, facts]);
      const item = this.#items.get(key) ?? element('li', status);
      if (item.childElementCount === 0) item.append(element('b', '', id), element('span', 'facts', facts));
      items.set(key, item);
    }
    this.#items = items;
    fill(byId('peers'), [...items.values()]);
    say(byId('peers-note'), note);
  }
}
