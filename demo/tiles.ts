import { byId, element, hue, initials } from './page.ts';
import type { Person } from './person.ts';

interface Tile {
  key: string;
  label: string;
  person: Person;
  stream: MediaStream | undefined;
  screen: boolean;
}

/** Shows a tile for each person and each screen. What was there stays: a video must not begin anew. */
export function showTiles(people: Person[]): void {
  const list = byId('tiles');
  const before = new Map(Array.from(list.children, (child) => [(child as HTMLElement).dataset.key, child]));
  const tiles = people.flatMap(tilesOf);
  for (const [index, tile] of tiles.entries()) {
    const item = (before.get(tile.key) as HTMLLIElement | undefined) ?? emptyTile(tile.key);
    before.delete(tile.key);
    fill(item, tile);
    // An element that is moved, if only to where it stands, stops its video.
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  }
  for (const gone of before.values()) gone.remove();
}

function tilesOf(person: Person): Tile[] {
  const { id, name, own, stream } = person;
  const screens = person.screens.map((screen) => ({
    key: `${screen.id} of ${id}`,
    label: own ? 'Your screen' : `${name}’s screen`,
    person,
    stream: screen,
    screen: true,
  }));
  return [{ key: id, label: own ? `${name} (you)` : name, person, stream, screen: false }, ...screens];
}

function emptyTile(key: string): HTMLLIElement {
  const item = element('li', 'tile');
  item.dataset.key = key;
  const video = element('video');
  video.autoplay = true;
  video.playsInline = true;
  item.append(element('span', 'avatar'), video, element('span', 'label'));
  return item;
}

function fill(item: HTMLLIElement, { label, person, stream, screen }: Tile): void {
  const [avatar, video, caption] = item.children as unknown as [HTMLElement, HTMLVideoElement, HTMLElement];
  const picture = screen || person.camera;
  item.classList.toggle('own', person.own && !screen);
  item.classList.toggle('screen', screen);
  item.classList.toggle('away', person.away);
  item.classList.toggle('muted', !screen && !person.microphone);
  item.style.setProperty('--hue', String(hue(person.name)));
  avatar.textContent = initials(person.name);
  avatar.ariaHidden = 'true';
  caption.textContent = label;
  video.muted = person.own;
  video.ariaLabel = label;
  // Hidden it goes on to sound.
  video.classList.toggle('off', !picture);
  if (video.srcObject !== (stream ?? null)) video.srcObject = stream ?? null;
}
