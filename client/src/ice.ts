import { backoff } from './backoff.ts';
import { closeError, RoomError } from './errors.ts';
import { NEVER } from './mailbox.ts';
import { serverOf, tokenOf } from './options.ts';
import type { RoomEvents, RoomOptions } from './types.ts';

/** How long a server has to answer, ms. */
const ANSWER_WITHIN = 10_000;
/** The least time between two requests, ms. */
const LEAST = 60_000;

type Servers = RoomEvents['ice-servers'];

/** Gets fresh TURN credentials when four fifths of the life of the last ones are over. */
export class IceRenewal {
  readonly #options: RoomOptions;
  readonly #use: (servers: Servers) => void;
  readonly #failed: (error: RoomError) => void;
  /** When to ask for others, ms since 1970. */
  #due = NEVER;

  constructor(options: RoomOptions, use: (servers: Servers) => void, failed: (error: RoomError) => void) {
    this.#options = options;
    this.#use = use;
    this.#failed = failed;
  }

  /** Takes the servers that are good now. */
  schedule({ expiresAt }: Servers): void {
    const now = Date.now();
    this.#due = expiresAt ? now + Math.max(LEAST, 0.8 * (Date.parse(expiresAt) - now)) : NEVER;
  }

  /** To be called often. */
  async tick(now: number): Promise<void> {
    if (now < this.#due) return;
    this.#due = NEVER;
    try {
      const servers = await this.#fetch();
      this.schedule(servers);
      this.#use(servers);
    } catch (error) {
      if (error instanceof RoomError) this.#failed(error);
      else this.#due = Date.now() + backoff(4);
    }
  }

  /** @throws RoomError if the token is refused, which a second try would not change */
  async #fetch(): Promise<Servers> {
    const token = await tokenOf(this.#options);
    const response = await fetch(`${serverOf(this.#options).replace(/^ws/, 'http')}/ice-servers`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    if (response.status === 401) throw closeError(4501);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.json()) as Servers;
  }
}
