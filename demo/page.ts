/** The element of the page with this id. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found as E;
}

/** A new element; text from others goes into it as text alone. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Shows a text, or hides its element if there is none. */
export function say(id: string, text: string | undefined): void {
  const at = byId(id);
  at.hidden = !text;
  if (at.textContent !== (text ?? '')) at.textContent = text ?? '';
}

/** Says over the pictures what has happened, also to a screen reader. It fades; the next one is an element anew. */
export function caption(text: string): void {
  byId('caption').replaceChildren(element('span', '', text));
}

/** Up to two initials, for who has no picture. */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => [...word][0]!.toUpperCase())
    .join('');
}

/** A hue for a name, the same for everybody, in degrees. */
export function hue(name: string): number {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + char.codePointAt(0)!) % 997;
  return (sum * 137) % 360; // far apart for names that are close
}
