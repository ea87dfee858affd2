import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { ChatMessage } from 'record-meet-client';
import { nameIn } from '../lib/person.ts';
import { Icon } from './icons.tsx';
import { SidePanel } from './side-panel.tsx';
import type { Pending } from './use-chat.ts';

/** Of one message, in UTF-16 code units: far less than the server's MAX_MESSAGE_BYTES, 64 KB by default. */
const MOST_TEXT = 2_000;

interface ChatProps {
  chat: readonly ChatMessage[];
  pending: readonly Pending[];
  ownId: string;
  /** Of those who are here. */
  names: ReadonlyMap<string, string>;
  onSend: (text: string) => void;
  onClose: () => void;
}

/** What was written to everybody, from before one came, too. */
export function Chat({ chat, pending, ownId, names, onSend, onClose }: ChatProps) {
  const [text, setText] = useState('');
  const end = useRef<HTMLLIElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest one is to be seen
  useEffect(() => {
    // Not returned: in newer browsers it is a promise, and React would call it.
    end.current?.scrollIntoView({ block: 'end' });
  }, [chat, pending]);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (text.trim() === '') return;
    onSend(text.trim());
    setText('');
  }

  return (
    <SidePanel title="Chat" onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard */}
      <div className="log" role="log" aria-label="Conversation" tabIndex={0}>
        <ol>
          {chat.length + pending.length === 0 && <li className="empty">Nothing has been written yet.</li>}
          {chat.map((message, at) => (
            // A server that was started anew counts from 1 again.
            <li
              key={`${message.time} ${message.seq ?? `p${at}`}`}
              data-own={message.from === ownId || undefined}
            >
              <span className="author">
                {message.from === ownId
                  ? 'You'
                  : (names.get(message.from) ?? nameIn(message.data) ?? message.from)}
                <time dateTime={message.time}>{timeOf(message.time)}</time>
              </span>
              <span className="text">{textOf(message.data)}</span>
            </li>
          ))}
          {pending.map(({ id, text: waiting, failed }) => (
            <li key={`w${id}`} data-own data-pending>
              <span className="author">{failed === undefined ? 'Sending…' : `Not sent: ${failed}`}</span>
              <span className="text">{waiting}</span>
            </li>
          ))}
          <li ref={end} aria-hidden="true" />
        </ol>
      </div>
      <form className="write" onSubmit={submit}>
        <input
          aria-label="Message"
          placeholder="Message to everybody"
          value={text}
          maxLength={MOST_TEXT}
          autoComplete="off"
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit" className="primary" aria-label="Send">
          <Icon name="send" />
        </button>
      </form>
    </SidePanel>
  );
}

/** A message of another client may be a mere text, or anything. */
function textOf(data: unknown): string {
  if (typeof data === 'string') return data;
  const { text } = (data ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : JSON.stringify(data);
}

function timeOf(time: string): string {
  return new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
