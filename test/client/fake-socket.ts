import { onTestFinished, vi } from 'vitest';
import { joinRoom, type RoomOptions } from '../../client/src/index.ts';

/** The server's end of a socket that the test plays itself. */
export class FakeSocket {
  readyState = 0;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** What the client sent, parsed. */
  readonly sent: Record<string, unknown>[] = [];
  /** The code with which the client closed it. */
  closedWith: number | undefined;
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code: number): void {
    this.readyState = 2;
    this.closedWith ??= code;
  }

  /** The server says something. */
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The server lets the client in. */
  welcome(session: object = {}): void {
    this.readyState = 1;
    const iceServers: unknown[] = [];
    const chat = { messages: [], complete: true };
    const times = { graceSeconds: 30, heartbeatSeconds: 25, iceServersExpireAt: null };
    const limits = { messageBytes: 1000 };
    const self = { id: 'own', seat: 'the-seat', resumed: false, peers: [], chatLog: 'log' };
    this.say({
      type: 'peers',
      from: 'server',
      data: [],
      session: { ...times, ...self, iceServers, chat, limits, ...session },
    });
  }

  /** The socket ends. */
  end(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** A page whose time stands still, and a room on it with sockets that the test plays. */
export function enter(options: Partial<RoomOptions> = {}) {
  vi.useFakeTimers();
  const [window, document] = [
    new EventTarget(),
    Object.assign(new EventTarget(), { visibilityState: 'visible' }),
  ];
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('document', document);
  const sockets: FakeSocket[] = [];
  const connect = (url: string, protocols: string[]) => {
    const socket = new FakeSocket(url, protocols);
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const room = joinRoom({ url: 'ws://server', room: 'r', peerId: 'a', connect, ...options });
  onTestFinished(() => {
    room.leave();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  const heard: string[] = [];
  room.on('status', (status) => heard.push(status));
  for (const event of ['peer-joined', 'peer-left'] as const) room.on(event, () => heard.push(event));
  return {
    room,
    sockets,
    /** What the room told its listeners. */
    heard,
    window,
    document,
    /** Lets time pass, and what was promised happen. */
    pass: (ms = 0) => vi.advanceTimersByTimeAsync(ms),
    /** Lets time pass until there is another socket. @returns how long that took, ms */
    async nextSocket(): Promise<number> {
      const [count, from] = [sockets.length, Date.now()];
      while (sockets.length === count) await vi.advanceTimersToNextTimerAsync();
      return Date.now() - from;
    },
  };
}
