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

/** Shows a text, or hides its element if there is none. What has not changed is not said again. */
export function say(at: HTMLElement, text: string | undefined): void {
  at.hidden = !text;
  if (at.textContent !== (text ?? '')) at.textContent = text ?? '';
}

/** Makes these the children, without taking the focus away from one that stays. */
export function fill(parent: HTMLElement, children: HTMLElement[]): void {
  if (parent.children.length === children.length && children.every((one, at) => parent.children[at] === one))
    return;
  const focused = document.activeElement as HTMLElement | null;
  parent.replaceChildren(...children);
  if (focused && parent.contains(focused)) focused.focus({ preventScroll: true });
}
