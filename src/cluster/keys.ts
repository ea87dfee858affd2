/** The names of all that is kept in Redis. */
export class Keys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Who is alive, and when each was heard: a hash. */
  get instances(): string {
    return `${this.#prefix}instances`;
  }

  /** Who is in a room: a hash. All keys of one room are on the same node: the part in braces says which. */
  room(room: string): string {
    return `${this.#prefix}room:{${encodeURIComponent(room)}}`;
  }

  /** What the scripts of the chat use: the room, the chat's numbers, its messages and their names. */
  chat(room: string): string[] {
    const key = this.room(room);
    return [key, `${key}:chat`, `${key}:messages`, `${key}:names`];
  }

  /** What the others tell an instance: a stream. */
  inbox(instance: string): string {
    return `${this.#prefix}inbox:${instance}`;
  }

  /** The rooms in which an instance has peers: a set. */
  rooms(instance: string): string {
    return `${this.#prefix}rooms:${instance}`;
  }

  /** Something small that is remembered. */
  value(name: string): string {
    return this.#prefix + name;
  }
}
