import { byId, element } from './page.ts';

/** What a tile says of its figure beside it: all is well, look here, or nothing. */
export type Mood = 'good' | 'bad' | '';

/** The figures of this moment. */
export class Tiles {
  readonly #tiles = new Map<string, { value: HTMLElement; note: HTMLElement; tile: HTMLElement }>();

  set(name: string, value: string, note = '', mood: Mood = ''): void {
    const tile = this.#tiles.get(name) ?? this.#make(name);
    tile.value.textContent = value;
    tile.note.textContent = note;
    tile.tile.className = mood;
  }

  #make(name: string) {
    const made = { tile: element('div'), value: element('dd', 'value'), note: element('dd', 'note') };
    made.tile.append(element('dt', '', name), made.value, made.note);
    byId('tiles').append(made.tile);
    this.#tiles.set(name, made);
    return made;
  }
}
