import { backoff } from './backoff.ts';
import { RoomError } from './errors.ts';
import { serverOf, tokenOf } from './line.ts';
import type { RoomEvents, RoomOptions } from './types.ts';

/** A timer of a browser's can't run for longer, ms. */
const LONGEST = 2 ** 31 - 1;
/** How long a server has to answer, ms. */
const ANSWER_WITHIN = 10_000;

type Servers = RoomEvents['ice-servers'];

/** Gets fresh TURN credentials when four fifths of the life of the last ones are over. */
export class IceRenewal {
  readonly #options: RoomOptions;
  readonly #use: (servers: Servers) => void;
  readonly #failed: (error: RoomError) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomOptions, use: (servers: Servers) => void, failed: (error: RoomError) => void) {
    this.#options = options;
    this.#use = use;
    this.#failed = failed;
  }

  /** Takes the servers that are good now. */
  schedule({ expiresAt }: Servers): void {
    this.stop();
    if (expiresAt === null) return;
    const left = Date.parse(expiresAt) - Date.now();
    this.#after(Math.max(1_000, Math.min(LONGEST, 0.8 * left)), 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #after(ms: number, attempt: number): void {
    const timer = setTimeout(async () => {
      try {
        const servers = await this.#fetch();
        if (this.#timer !== timer) return;
        this.schedule(servers);
        this.#use(servers);
      } catch (error) {
        if (this.#timer !== timer) return;
        if (error instanceof RoomError) this.#failed(error);
        else this.#after(backoff(attempt, Math.random()), attempt + 1);
      }
    }, ms);
    this.#timer = timer;
  }

  /** @throws RoomError if the token is refused, which a second try would not change */
  async #fetch(): Promise<Servers> {
    const token = await tokenOf(this.#options);
    const response = await fetch(`${serverOf(this.#options).replace(/^ws/, 'http')}/ice-servers`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    if (response.status === 401)
      throw new RoomError(
        'unauthorized',
        'No fresh TURN credentials, as the room token was refused: give `getToken`, or a token that lasts.',
        401,
      );
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.json()) as Servers;
  }
}
