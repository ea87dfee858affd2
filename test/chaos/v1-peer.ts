import { joinRoom, type Room } from '../../client/src/index.ts';
import type { ChatMessage, RoomPeer } from '../../client/src/types.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import { Roster } from './roster.ts';
import { Stay } from './stay.ts';

/** One who joins and leaves anew: how soon, ms. */
const PAUSE = 500;

/** A user of the browser library, under one peer id. */
export class V1Peer {
  readonly dialect = 'v1';
  readonly id: string;
  readonly roomId: string;
  /** The run that goes on. */
  stay: Stay | undefined;
  client: Room | undefined;
  /** What the frames of its present socket say. */
  roster: Roster | undefined;
  /** What it shows of itself. */
  state = 0;
  readonly #url: string;
  readonly #ledger: Ledger;
  readonly #random: Random;
  #runs = 0;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, roomId: string, id: string, ledger: Ledger, random: Random) {
    this.#url = url;
    this.roomId = roomId;
    this.id = id;
    this.#ledger = ledger;
    this.#random = random;
  }

  get ready(): boolean {
    return this.client?.status === 'connected';
  }

  get session(): string {
    return this.stay?.session ?? '';
  }

  join(): void {
    clearTimeout(this.#again);
    const stay = new Stay(this.roomId, this.id, ++this.#runs, 'v1');
    const connect = (url: string, entries: string[]) => this.#tap(stay, new WebSocket(url, entries));
    const client = joinRoom({ url: this.#url, room: this.roomId, peerId: this.id, connect });
    this.stay = stay;
    this.client = client;
    this.#ledger.stays.push(stay);
    stay.lost();
    client.on('status', (status) => {
      if (status === 'connected') {
        stay.session = client.session;
        stay.back();
      } else if (status === 'reconnecting') stay.lost();
    });
    client.on('signal', ({ data }) => this.#heard(stay, data));
    client.on('chat', (message: ChatMessage) => this.#heard(stay, message.data, message.seq));
    client.on('chat-gap', () => this.#ledger.gap(stay));
    client.on('closed', (error) => {
      if (this.client !== client) return;
      // Without its seat, and while the run before it seems to be there, somebody may be refused.
      if (!this.#ledger.hasShadow(stay)) this.#ledger.complain(`${stay.name} was refused: ${error?.message}`);
      this.#ended(stay, true);
    });
    client.joined.catch(() => {});
    this.state = 0;
    this.show();
  }

  /** Leaves, and comes back as another run: the page was loaded anew. */
  reload(): void {
    const { stay, client } = this;
    if (!stay || !client) return;
    this.client = undefined;
    client.leave();
    this.#ended(stay, true);
  }

  end(): void {
    clearTimeout(this.#again);
    const { client } = this;
    this.client = undefined;
    client?.leave();
  }

  /** Says something to one of those whom it sees. */
  signal(to: RoomPeer, stays: Map<string, Stay>): void {
    const { stay, client } = this;
    const target = stays.get(to.session);
    if (!stay || !client) return;
    const id = this.#ledger.say(stay, 'signal', target && to.dialect === 'v1' ? [target] : []);
    client.send(to.id, this.#random.pick(['offer', 'answer', 'ice']), { chaos: id }).then(
      // To a plain peer it may get lost; then the server says so, to nobody here.
      () => this.#ledger.became(id, to.dialect === 'v1' ? 'delivered' : 'sent'),
      () => this.#ledger.became(id, 'reported'),
    );
  }

  /** Says something to all. */
  chat(stays: Map<string, Stay>): void {
    const { stay, client } = this;
    if (!stay || !client) return;
    const audience = client.peers.flatMap(({ session }) => stays.get(session) ?? []);
    const id = this.#ledger.say(stay, 'chat', [stay, ...audience]);
    client.chat({ chaos: id }).then(
      () => this.#ledger.became(id, 'delivered'),
      () => this.#ledger.became(id, 'reported'),
    );
  }

  show(): void {
    this.client?.setState({ n: ++this.state });
  }

  /** The ids and sessions of the others, as the application is told. */
  get others(): Map<string, string> {
    return new Map(this.client?.peers.map(({ id, session, status }) => [id, `${session} ${status}`]));
  }

  #ended(stay: Stay, again: boolean): void {
    stay.leftAt = Date.now();
    stay.back();
    this.stay = this.client = this.roster = undefined;
    if (again) this.#again = setTimeout(() => this.join(), this.#random.between(0, PAUSE));
  }

  /** Reads along what comes on a socket. */
  #tap(stay: Stay, socket: WebSocket): WebSocket {
    const roster = new Roster((text) => this.#ledger.complain(`${stay.name}: ${text}`));
    socket.addEventListener('message', ({ data }) => {
      if (this.stay !== stay) return;
      const frame = JSON.parse(data as string);
      if (frame.type === 'peers' && frame.session) this.roster = roster;
      const gone = roster.take(frame);
      const stays = this.#ledger.stays.filter(({ session }) => gone && session === gone.session);
      if (stays.length > 0) this.#ledger.left(stay, stays);
    });
    socket.addEventListener('close', () => {
      if (this.roster === roster) this.roster = undefined;
    });
    return socket;
  }

  #heard(stay: Stay, data: unknown, seq?: number): void {
    this.#ledger.heard(stay, (data as { chaos: string }).chaos, seq);
  }
}
