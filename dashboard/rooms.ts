import { type RoomSummary, type Stats, stats } from './api.ts';
import { byId, element, fill, say } from './page.ts';
import { counted, moment, whole } from './words.ts';

/** Rooms that are shown at first, and so many more each time. */
const STEP = 50;
/** For a search pages of this size are looked through, so many at most. */
const PAGE = 1_000;
const MOST_PAGES = 20;
/** A search is made again at this round of asking. */
const SEARCH_EVERY = 5;

interface Item {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  facts: HTMLElement;
}

/** The list of rooms, in the order of their ids, and the search in it. */
export class RoomList {
  /** The room that was chosen. */
  chosen: string | undefined;
  readonly #choose: (room: string | undefined) => void;
  readonly #search = byId<HTMLInputElement>('search');
  readonly #items = new Map<string, Item>();
  #shown = STEP;
  #rounds = 0;
  #known = new Map<string, RoomSummary>();

  /** @param choose is told which room was chosen; undefined: all */
  constructor(choose: (room: string | undefined) => void, refresh: () => void) {
    this.#choose = choose;
    byId('more').addEventListener('click', () => {
      this.#shown += STEP;
      refresh();
    });
    this.#search.addEventListener('input', () => {
      this.#shown = STEP;
      this.#rounds = 0;
      refresh();
    });
  }

  /** What is known of a room that is shown. */
  about(room: string): RoomSummary | undefined {
    return this.#known.get(room);
  }

  /** Asks anew. @returns the counts of all */
  async refresh(): Promise<Stats> {
    const wanted = this.#search.value.trim();
    if (wanted === '') {
      const page = await stats(Math.min(this.#shown + 1, 10_000));
      const more = page.rooms.length > this.#shown;
      this.#show(page.rooms.slice(0, this.#shown), more, '');
      return page;
    }
    if (this.#rounds++ % SEARCH_EVERY !== 0) return stats(0);
    const { counts, found, looked } = await this.#find(wanted);
    const of = looked < counts.roomCount ? ` of the first ${whole(looked)}` : '';
    const note =
      found.length === 0
        ? `No room${of} has this in its id.`
        : `${counted(found.length, 'room')}${of} found.`;
    // A slower answer to an earlier question is none to this one.
    if (this.#search.value.trim() === wanted)
      this.#show(found.slice(0, this.#shown), found.length > this.#shown, note);
    return counts;
  }

  /** Looks through the pages for rooms with a text in their ids, in whichever case. */
  async #find(wanted: string): Promise<{ counts: Stats; found: RoomSummary[]; looked: number }> {
    const found: RoomSummary[] = [];
    const lower = wanted.toLowerCase();
    let looked = 0;
    let counts: Stats | undefined;
    for (let after: string | undefined, pages = 0; pages < MOST_PAGES; pages++) {
      counts = await stats(PAGE, after);
      looked += counts.rooms.length;
      found.push(...counts.rooms.filter(({ id }) => id.toLowerCase().includes(lower)));
      after = counts.rooms.at(-1)?.id;
      if (counts.rooms.length < PAGE) break;
    }
    return { counts: counts!, found, looked };
  }

  #show(rooms: RoomSummary[], more: boolean, note: string): void {
    this.#known = new Map(rooms.map((room) => [room.id, room]));
    for (const id of this.#items.keys()) if (!this.#known.has(id)) this.#items.delete(id);
    const items = rooms.map(({ id, peerCount, createdAt }) => {
      const { item, facts } = this.#items.get(id) ?? this.#make(id);
      facts.textContent = `${counted(peerCount, 'peer')} · since ${moment(createdAt)}`;
      return item;
    });
    fill(byId('rooms'), items);
    byId('more').hidden = !more;
    say(byId('rooms-note'), note || (rooms.length === 0 ? 'Nobody is here.' : ''));
    this.mark();
  }

  /** Shows which room is chosen. */
  mark(): void {
    for (const [id, { button }] of this.#items) button.ariaCurrent = id === this.chosen ? 'true' : null;
  }

  #make(id: string): Item {
    const made = { item: element('li'), button: element('button', 'room'), facts: element('span', 'facts') };
    made.button.type = 'button';
    made.button.append(element('span', 'id', id), made.facts);
    made.button.addEventListener('click', () => this.#choose(id));
    made.item.append(made.button);
    this.#items.set(id, made);
    return made;
  }
}
