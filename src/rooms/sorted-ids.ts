/** Ids to a chunk before it is cut in two: keeps an insertion cheap among a hundred thousand rooms. */
const CHUNK = 512;

/**
 * A set of ids in the order of their UTF-16 code units, to be read in pages. Sorting at each request would
 * hold up the event loop; a sorted array in chunks makes adding and removing cost about a microsecond.
 */
export class SortedIds {
  readonly #chunks: string[][] = [[]];

  /** Adds an id that is not in the set. */
  add(id: string): void {
    const at = this.#chunkOf(id);
    const chunk = this.#chunks[at]!;
    chunk.splice(position(chunk, id), 0, id);
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  /** Removes an id that is in the set. */
  remove(id: string): void {
    const at = this.#chunkOf(id);
    const chunk = this.#chunks[at]!;
    chunk.splice(position(chunk, id), 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** Up to `limit` ids that come after `after`. */
  page(after: string | undefined, limit: number): string[] {
    const page: string[] = [];
    let at = after === undefined ? 0 : this.#chunkOf(after);
    let from = after === undefined ? 0 : position(this.#chunks[at]!, after);
    if (after !== undefined && this.#chunks[at]![from] === after) from++;
    for (; at < this.#chunks.length && page.length < limit; at++, from = 0) {
      page.push(...this.#chunks[at]!.slice(from, from + limit - page.length));
    }
    return page;
  }

  /** The last chunk that begins at or before `id`, or the first one. */
  #chunkOf(id: string): number {
    let low = 0;
    for (let high = this.#chunks.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]![0]! <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Where `id` stands in a sorted chunk, or would. */
function position(chunk: string[], id: string): number {
  let low = 0;
  for (let high = chunk.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (chunk[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
