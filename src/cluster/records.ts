import type { Entry, Figures, Member, RoomRecord } from './cluster.ts';

/** An entry as a room's hash has it; its id is the name of the field. */
export function encodeEntry({
  n,
  session,
  dialect,
  instance,
  conn,
  at,
  away,
  state,
  shown,
  evicted,
}: Entry): string {
  return JSON.stringify([n, session, dialect, instance, conn, at, away, state, shown, evicted]);
}

/** @param fields of a room's hash: names and values in turn */
export function recordOf(fields: string[]): RoomRecord {
  const entries: Entry[] = [];
  const about: Record<string, string> = {};
  for (let at = 0; at < fields.length; at += 2) {
    const [name = '', value = ''] = [fields[at], fields[at + 1]];
    if (name.startsWith('#')) about[name] = value;
    else {
      const [n, session, dialect, instance, conn, joined, away, state, shown, evicted] = JSON.parse(value);
      entries.push({
        id: name.slice(1),
        n,
        session,
        dialect,
        instance,
        conn,
        at: joined,
        away,
        state,
        shown,
        evicted,
      });
    }
  }
  entries.sort((a, b) => a.n - b.n);
  return {
    version: about['#v'] ?? '',
    born: about['#b'] ?? '',
    createdAt: Number(about['#c'] ?? 0),
    entries: new Map(entries.map((entry) => [entry.id, entry])),
  };
}

/** @param fields of the hash of instances: names in turn with when each was heard and its figures */
export function membersOf(fields: string[], now: number): Member[] {
  const members: Member[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const [instance = '', said = ''] = [fields[at], fields[at + 1]];
    const space = said.indexOf(' ');
    const figures = JSON.parse(said.slice(space + 1)) as Figures;
    members.push({ instance, figures, age: now - Number(said.slice(0, space)) });
  }
  return members;
}
