import type { Frame } from '../../client/src/wire.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import { Roster } from './roster.ts';
import { Stay } from './stay.ts';

/** How soon it comes back, ms. */
const PAUSE = 1_000;

/** A client without the library, as the original frontend is: it comes back under the same peer id, as a stranger. */
export class PlainPeer {
  readonly dialect = 'plain';
  readonly id: string;
  readonly roomId: string;
  /** The connection that it has. */
  stay: Stay | undefined;
  roster: Roster | undefined;
  /** What the last `peers` said, in its order. */
  order = '';
  readonly #url: string;
  readonly #ledger: Ledger;
  readonly #random: Random;
  #socket: WebSocket | undefined;
  #connections = 0;
  #seq = 0;
  #ending = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, roomId: string, id: string, ledger: Ledger, random: Random) {
    this.#url = url;
    this.roomId = roomId;
    this.id = id;
    this.#ledger = ledger;
    this.#random = random;
  }

  get ready(): boolean {
    return this.roster !== undefined;
  }

  join(): void {
    const socket = new WebSocket(`${this.#url}/ws/${this.roomId}/${this.id}`);
    const stay = new Stay(this.roomId, this.id, ++this.#connections, 'plain');
    const roster = new Roster((text) => this.#ledger.complain(`${stay.name}: ${text}`));
    this.#socket = socket;
    this.#seq = 0;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data as string) as Frame;
      if (!this.stay) {
        this.stay = stay;
        this.roster = roster;
        this.#ledger.stays.push(stay);
      }
      const gone = roster.take(frame);
      if (gone) {
        const stays = this.#ledger.stays.filter(({ room, peer }) => room === this.roomId && peer === gone.id);
        this.#ledger.left(stay, stays);
      }
      this.#take(stay, frame);
    };
    socket.onclose = () => {
      if (this.stay === stay) stay.leftAt = Date.now();
      this.stay = this.roster = undefined;
      if (!this.#ending) this.#again = setTimeout(() => this.join(), this.#random.between(50, PAUSE));
    };
  }

  /** Closes, and comes back as everybody who lost the connection. */
  reload(): void {
    this.#socket?.close();
  }

  end(): void {
    this.#ending = true;
    clearTimeout(this.#again);
    this.#socket?.close();
  }

  signal(to: string): void {
    if (!this.stay) return;
    const id = this.#ledger.say(this.stay, 'signal', []);
    this.#send({ type: 'offer', to, data: { chaos: id } });
  }

  chat(): void {
    if (this.stay) this.#send({ type: 'chat', data: { chaos: this.#ledger.say(this.stay, 'chat', []) } });
  }

  /** Asks who is there. */
  ask(): void {
    this.order = '';
    this.#send({ type: 'peers' });
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #take(stay: Stay, { type, data, seq }: Frame): void {
    if (type === 'peers') this.order = (data as string[]).join();
    else if (type === 'chat') {
      if (this.#seq > 0 && seq !== this.#seq + 1)
        this.#ledger.complain(`${stay.name} got chat ${seq} after ${this.#seq}`);
      this.#seq = seq!;
      this.#ledger.heard(stay, (data as { chaos: string }).chaos, seq);
    } else if (type === 'offer' || type === 'answer' || type === 'ice')
      this.#ledger.heard(stay, (data as { chaos: string }).chaos);
  }
}
