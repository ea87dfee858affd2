/** Typed events: `Events` names each with what its listeners get. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /**
   * Listens.
   *
   * @param options `signal` ends that
   * @returns ends that, too
   */
  on<E extends keyof Events>(
    event: E,
    listener: (event: Events[E]) => void,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    const stop = () => {
      listeners.delete(listener);
      signal?.removeEventListener('abort', stop);
    };
    if (signal?.aborted) return stop;
    this.#listeners.set(event, listeners.add(listener));
    signal?.addEventListener('abort', stop);
    return stop;
  }

  protected isHeard(event: keyof Events): boolean {
    return !!this.#listeners.get(event)?.size;
  }

  protected emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (event: Events[E]) => void)(value);
      } catch (error) {
        // A listener that throws must not take the connection with it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
