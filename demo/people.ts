import { byId, element, hue, initials } from './page.ts';
import type { Person } from './person.ts';

/** Shows who is in the room, how they are connected, and what they have off. */
export function showPeople(people: Person[]): void {
  byId('people').replaceChildren(
    ...people.map((person) => {
      const { name, own, status, away } = person;
      const item = element('li', away ? 'away' : '');
      item.style.setProperty('--hue', String(hue(name)));
      const avatar = element('span', 'avatar', initials(name));
      avatar.ariaHidden = 'true';
      const who = element('span', 'who', own ? `${name} (you)` : name);
      item.append(avatar, who, element('span', 'status', status));
      for (const mark of marksOf(person)) item.append(element('span', 'mark', mark));
      return item;
    }),
  );
}

function marksOf({ microphone, camera, screens }: Person): string[] {
  return [
    ...(microphone ? [] : ['muted']),
    ...(camera ? [] : ['camera off']),
    ...(screens.length > 0 ? ['sharing'] : []),
  ];
}
