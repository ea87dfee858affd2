/** The ways of a media connection, from the straightest to the longest. */
const PATHS = ['host', 'prflx', 'srflx', 'relay'] as const;

type Path = (typeof PATHS)[number];

/** Tells the operator what becomes of one media connection: the `data` of the `report` messages. */
export class Reporter {
  readonly #pc: RTCPeerConnection;
  readonly #write: (data: object) => void;
  /** When it was begun, or begun anew, ms of `performance.now()`. */
  #since = performance.now();
  /** How many of each kind this side has gathered since then. */
  #candidates = { host: 0, srflx: 0, relay: 0 };
  #path: Path | undefined;
  /** What a STUN or TURN server last said. */
  #trouble: string | undefined;
  /** Whether it has yet to come up, or to come up again. */
  #isPending = true;
  /** One after the other: the statistics take their time. */
  #work: Promise<void> = Promise.resolve();

  constructor(pc: RTCPeerConnection, write: (data: object) => void) {
    this.#pc = pc;
    this.#write = write;
    pc.addEventListener('icecandidate', ({ candidate }) => {
      const type = candidate?.type;
      if (type && type !== 'prflx') this.#candidates[type]++;
    });
    pc.addEventListener('icecandidateerror', ({ errorCode, errorText, url }) => {
      this.#trouble = `${errorCode} ${errorText} ${url}`.slice(0, 200);
    });
  }

  /** Told once for each start: a connection that only stuttered did not come up anew. */
  connected(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#tell('connected', this.#trouble, async () => {
      this.#path = pathOf(await this.#pc.getStats());
    });
  }

  failed(): void {
    const why = this.#isPending ? 'no pair of candidates works' : 'the path was lost';
    this.#tell('failed', this.#trouble ?? why);
  }

  /** From here on everything is counted anew. */
  restarted(reason: string): void {
    this.#tell('restarted', reason);
    this.#since = performance.now();
    this.#candidates = { host: 0, srflx: 0, relay: 0 };
    this.#trouble = undefined;
    this.#isPending = true;
  }

  closed(reason: string): void {
    this.#tell('closed', reason);
  }

  #tell(event: string, reason: string | undefined, look?: () => Promise<void>): void {
    const ms = Math.round(performance.now() - this.#since);
    const candidates = { ...this.#candidates };
    this.#work = this.#work.then(async () => {
      await look?.().catch(() => {}); // without statistics it has no path
      this.#write({ event, ms, path: this.#path, candidates, reason });
    });
  }
}

/**
 * The way of the pair in use: the longer one of its two ends, as either can be what makes it long. A `relay`
 * at the other side is a relay in the middle of this connection, too.
 */
function pathOf(stats: RTCStatsReport): Path | undefined {
  const all = [...stats.values()];
  const { selectedCandidatePairId } = all.find(({ type }) => type === 'transport') ?? {};
  const pair =
    stats.get(selectedCandidatePairId) ??
    all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) =>
    PATHS.indexOf(stats.get(id)?.candidateType),
  );
  return PATHS[Math.max(...ends)];
}
