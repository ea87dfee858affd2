import type { ChatMessage } from 'record-meet-client';
import { byId, element } from './page.ts';

/** A chat message of this page. The name goes along, as its writer may have left when it is read. */
export interface Said {
  text: string;
  name: string;
}

/** Shows a message; one from another client may be anything. */
export function showMessage({ data, from, time, to }: ChatMessage, name: string | undefined): void {
  const said = (typeof data === 'object' && data !== null ? data : {}) as Partial<Said>;
  const text = said.text ?? (typeof data === 'string' ? data : JSON.stringify(data));
  const at = new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const item = element('li');
  const head = element('p', 'head');
  const who = name ?? (typeof said.name === 'string' ? said.name : from);
  head.append(
    element('b', '', who),
    ` ${to === undefined ? '' : '(to you alone) '}`,
    element('time', '', at),
  );
  item.append(head, element('p', 'text', String(text)));
  append(item);
}

/** Shows a message that waits for its echo. @returns takes it away again */
export function showPending(text: string): () => void {
  const item = element('li', 'pending');
  item.append(element('p', 'head', 'Sending…'), element('p', 'text', text));
  append(item);
  return () => item.remove();
}

/** Shows a line that nobody wrote: who came, who left. */
export function showNote(text: string): void {
  append(element('li', 'note', text));
}

export function clearChat(): void {
  byId('messages').replaceChildren();
}

/** Follows the newest line, unless somebody has scrolled back to read. */
function append(item: HTMLLIElement): void {
  const list = byId('messages');
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(item);
  if (follows) list.scrollTop = list.scrollHeight;
}
