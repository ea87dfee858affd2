import { joinRoom, type Room, type RoomError, type SignalType } from '../../client/src/index.ts';

type Dial = (url: string, protocols: string[]) => WebSocket;

/** A signal as one page sent it, and what became of that. */
interface Sent {
  /** The page it came from, and its number among those to that session. */
  page: string;
  n: number;
  /** The session it is meant for. */
  session: string;
  outcome: 'waiting' | 'delivered' | RoomError['code'];
}

/** A chat message as one page sent it. */
export interface Said {
  page: string;
  n: number;
  to: string | undefined;
  /** When its echo came. */
  echoedAt: number | undefined;
  refused: boolean;
}

/** One life of a page that uses the library, from load to unload, and all that it did, heard and found wrong. */
export class Page {
  readonly name: string;
  readonly room: Room;
  readonly sent: Sent[] = [];
  readonly said: Said[] = [];
  /** The signals that came, by the page that sent them. */
  readonly signals = new Map<string, number[]>();
  readonly chats: { page: string; n: number; to: string | undefined; seq: number | undefined }[] = [];
  readonly wrong: string[] = [];
  /** Who is in the room, as the events say: whether this side makes the first offer. */
  readonly present = new Map<string, { session: string; offer: boolean }>();
  /** What was heard of the others: what is not to happen where nobody fails. */
  readonly partings: { event: 'peer-left' | 'peer-away'; session: string; at: number }[] = [];
  /** Sessions that a signal came from. */
  readonly #met = new Set<string>();
  /** When it was let in for the first time. */
  joinedAt = Number.POSITIVE_INFINITY;
  lastGapAt = Number.NEGATIVE_INFINITY;
  state = 0;
  open = true;
  /** The longest time in which no server heard of it, ms, and when one did last. */
  longestSilence = 0;
  heardAt = Date.now();
  readonly #sentTo = new Map<string, number>();

  constructor(peer: string, life: number, dial: Dial) {
    this.name = `${peer}${life}`;
    this.room = joinRoom({ url: 'ws://sim', room: 'r', peerId: peer, connect: dial });
    this.#listen();
  }

  /** The page goes away; the socket goes as the browser, or the network, sees to it. */
  unload(): void {
    this.open = false;
    this.room.leave();
  }

  heard(): void {
    this.longestSilence = Math.max(this.longestSilence, Date.now() - this.heardAt);
    this.heardAt = Date.now();
  }

  /** The longest silence up to now. */
  silence(): number {
    return Math.max(this.longestSilence, Date.now() - this.heardAt);
  }

  signal(to: string, type: SignalType): void {
    const session = this.room.peers.find(({ id }) => id === to)!.session;
    const n = (this.#sentTo.get(session) ?? 0) + 1;
    this.#sentTo.set(session, n);
    const sent: Sent = { page: this.name, n, session, outcome: 'waiting' };
    this.sent.push(sent);
    this.room.send(to, type, { page: this.name, n, meant: session }).then(
      () => {
        sent.outcome = 'delivered';
      },
      ({ code }: RoomError) => {
        sent.outcome = code;
      },
    );
  }

  chat(to?: string): void {
    const said: Said = { page: this.name, n: this.said.length + 1, to, echoedAt: undefined, refused: false };
    this.said.push(said);
    this.room.chat({ page: this.name, n: said.n }, to).then(
      () => {
        said.echoedAt = Date.now();
      },
      () => {
        said.refused = true;
      },
    );
  }

  show(): void {
    this.room.setState({ n: ++this.state });
  }

  #listen(): void {
    const { room } = this;
    void room.joined.then(
      () => {
        this.joinedAt = Date.now();
      },
      () => {},
    );
    const complain = (text: string) => this.wrong.push(`${this.name}: ${text}`);
    room.on('peer-joined', ({ peer, offer }) => {
      if (this.present.has(peer.id)) complain(`${peer.id} joined twice`);
      this.present.set(peer.id, { session: peer.session, offer });
    });
    room.on('peer-left', ({ id, session }) => {
      if (this.present.get(id)?.session !== session) complain(`${id} left without having joined`);
      this.present.delete(id);
      // Two that both wait for the other's offer, or both make it, begin anew before anything is said.
      if (this.#met.has(session)) this.partings.push({ event: 'peer-left', session, at: Date.now() });
    });
    room.on('peer-away', ({ session }) => {
      this.partings.push({ event: 'peer-away', session, at: Date.now() });
    });
    room.on('signal', ({ from, data }) => {
      const { page, n, meant } = data as { page: string; n: number; meant: string };
      this.#met.add(from.session);
      if (meant !== room.session) complain(`got ${page}'s signal ${n}, which was for another session`);
      if (!this.present.has(from.id)) complain(`got ${page}'s signal ${n} after its peer had left`);
      const before = this.signals.get(page) ?? [];
      if (n <= (before.at(-1) ?? 0)) complain(`got ${page}'s signal ${n} after ${before.at(-1)}`);
      this.signals.set(page, [...before, n]);
    });
    room.on('chat', ({ data, to, seq }) => {
      const { page, n } = data as { page: string; n: number };
      // A private one is not kept: what its receiver missed comes only when it is sent again.
      const before = this.chats.findLast((one) => one.page === page && one.to === undefined);
      if (to === undefined && before && n <= before.n) complain(`got ${page}'s chat ${n} after ${before.n}`);
      if (this.chats.some((one) => one.page === page && one.n === n))
        complain(`got ${page}'s chat ${n} twice`);
      this.chats.push({ page, n, to, seq });
    });
    room.on('chat-gap', () => {
      this.lastGapAt = Date.now();
    });
    room.on('error', ({ code, detail, message }) => complain(`error ${code} ${detail}: ${message}`));
    room.on('closed', (error) => {
      if (this.open) complain(`was closed: ${error?.code}`);
    });
  }
}
