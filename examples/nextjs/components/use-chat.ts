import { useEffect, useRef, useState } from 'react';
import type { ChatMessage, Room, RoomStatus } from 'record-meet-client';

/** One's own message on its way. */
export interface Pending {
  id: number;
  text: string;
  /** Why it was not sent. */
  failed?: string;
}

/** What the messages of this app are. The name stays readable after their author has left. */
export interface ChatData {
  text: string;
  name: string;
}

interface ChatControl {
  unread: number;
  pending: readonly Pending[];
  send: (text: string) => void;
}

let lastId = 0;

/** Sends, and counts what came while the chat was closed. */
export function useChat(
  room: Room | undefined,
  status: RoomStatus,
  chat: readonly ChatMessage[],
  name: string,
  open: boolean,
): ChatControl {
  const [pending, setPending] = useState<Pending[]>([]);
  const [read, setRead] = useState<ReadonlySet<ChatMessage>>(new Set());
  const joined = useRef(false);
  useEffect(() => {
    // What was written before one came is not news.
    if (open || !joined.current) setRead(new Set(chat));
    joined.current ||= status === 'connected';
  }, [open, chat, status]);
  const unread = chat.filter((message) => !read.has(message) && message.from !== room?.peerId).length;

  function send(text: string): void {
    if (!room) return;
    const id = ++lastId;
    setPending((all) => [...all, { id, text }]);
    room.chat({ text, name } satisfies ChatData).then(
      () => setPending((all) => all.filter((one) => one.id !== id)),
      ({ message }: Error) =>
        setPending((all) => all.map((one) => (one.id === id ? { ...one, failed: message } : one))),
    );
  }
  return { unread: open ? 0 : unread, pending, send };
}
