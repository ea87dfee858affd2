import { type Call, calls, type Report } from './api.ts';
import { byId, element, fill, say } from './page.ts';
import { duration, moment } from './words.ts';

/** Calls that are shown before all are asked for. */
const FEW = 20;

interface Shown {
  item: HTMLLIElement;
  details: HTMLDetailsElement;
  /** What was shown last, to leave alone what has not changed. */
  text: string;
}

/** How calls were set up lately: those of one room, or of all. */
export class CallList {
  readonly #shown = new Map<string, Shown>();
  #all = false;
  #chosen: string | undefined;
  readonly #off = document.documentElement.dataset.calls === 'off';

  /** @param refresh has the list asked for anew */
  constructor(refresh: () => void) {
    byId('all-calls').addEventListener('click', () => {
      this.#all = true;
      refresh();
    });
  }

  /** Says whose calls the next `refresh` shows. @param room undefined: all */
  choose(room: string | undefined): void {
    this.#chosen = room;
  }

  async refresh(): Promise<void> {
    const room = this.#chosen;
    const note = byId('calls-note');
    if (this.#off) return say(note, 'Calls are not remembered: CALL_LOG is off.');
    const list = await calls(room);
    // Another one may have been chosen meanwhile.
    if (this.#chosen !== room) return;
    const items = list
      .slice(0, this.#all ? list.length : FEW)
      .map((call) => this.#item(call, room === undefined));
    for (const [key, { item }] of this.#shown) if (!items.includes(item)) this.#shown.delete(key);
    fill(byId('calls'), items);
    byId('all-calls').hidden = items.length === list.length;
    say(note, items.length > 0 ? '' : 'No call was set up lately.');
  }

  #item(call: Call, withRoom: boolean): HTMLLIElement {
    const key = JSON.stringify([call.room, call.peers]);
    const text = JSON.stringify([withRoom, call]);
    let shown = this.#shown.get(key);
    if (!shown) {
      shown = { item: element('li'), details: element('details'), text: '' };
      shown.item.append(shown.details);
      this.#shown.set(key, shown);
    }
    if (shown.text === text) return shown.item;
    shown.text = text;
    // The old summary may have the focus, and stays.
    const summary = shown.details.querySelector('summary') ?? element('summary');
    const outcome = outcomeOf(call);
    shown.item.className = outcome;
    const head = element('span', 'head');
    head.append(element('b', '', call.peers.join(' ↔ ')));
    if (withRoom) head.append(element('span', 'in', `in ${call.room}`));
    head.append(element('span', 'badge', outcome), element('span', 'at', moment(call.startedAt)));
    summary.replaceChildren(head, element('span', 'diagnosis', call.diagnosis));
    if (summary.parentElement) summary.nextElementSibling?.replaceWith(timeline(call));
    else shown.details.append(summary, timeline(call));
    return shown.item;
  }
}

function outcomeOf({ sides }: Call): string {
  const events = sides.map(({ report }) => report?.event);
  return ['failed', 'connected', 'closed'].find((one) => events.includes(one)) ?? 'pending';
}

function timeline({ startedAt, timeline }: Call): HTMLElement {
  const list = element('ol', 'timeline');
  for (const { at, peer, event, count, report } of timeline) {
    const item = element('li');
    const after = (Date.parse(at) - Date.parse(startedAt)) / 1000;
    const times = count > 1 ? ` × ${count}` : '';
    item.append(element('span', 'after', `+${duration(after)}`), element('b', '', peer));
    item.append(element('span', `event ${event}`, `${event}${times}${report ? said(report) : ''}`));
    list.append(item);
  }
  return list;
}

function said({ ms, path, candidates, reason }: Report): string {
  const kinds = Object.entries(candidates ?? {}).map(([kind, count]) => `${count} ${kind}`);
  const parts = [
    ms === undefined ? '' : `after ${duration(ms / 1000)}`,
    path ? `over ${path}` : '',
    kinds.length > 0 ? `found ${kinds.join(', ')}` : '',
    reason ? `“${reason}”` : '',
  ];
  const text = parts.filter((part) => part !== '').join(', ');
  return text === '' ? '' : ` ${text}`;
}
