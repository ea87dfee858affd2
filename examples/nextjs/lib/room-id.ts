/** Letters and digits that are not taken for each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const LENGTH = 4;

/** Another one for each peer. It works also where the page is no secure context, unlike `crypto.randomUUID()`. */
export function newPeerId(): string {
  return `peer-${Array.from({ length: GROUPS * LENGTH }, character).join('')}`;
}

/** A code that nobody guesses: 16 characters of 31, 79 bits. */
export function newRoomId(): string {
  const characters = Array.from({ length: GROUPS * LENGTH }, character);
  const groups = Array.from({ length: GROUPS }, (_, at) => characters.slice(at * LENGTH, (at + 1) * LENGTH));
  return groups.map((group) => group.join('')).join('-');
}

/** Each is as likely as any other: a byte above the last whole run through the alphabet is not used. */
function character(): string {
  const [byte] = crypto.getRandomValues(new Uint8Array(1));
  const most = 256 - (256 % ALPHABET.length);
  return byte! < most ? ALPHABET[byte! % ALPHABET.length]! : character();
}

/** The room of a code, or of the whole link to a meeting; undefined if there can be none. */
export function roomIdOf(typed: string): string | undefined {
  const code = typed.trim().split(/[?#]/)[0]!.replace(/\/+$/, '').split('/').at(-1)!;
  const id = decode(code)?.trim();
  return id && isRoomId(id) ? id : undefined;
}

/** Whether the signaling server takes it for the id of a peer: not its own. */
export function isPeerId(id: unknown): id is string {
  return isRoomId(id) && id !== 'server';
}

/** Whether the signaling server takes it for the id of a room. */
export function isRoomId(id: unknown): id is string {
  return typeof id === 'string' && /^[^\p{Cc}]{1,128}$/u.test(id);
}

function decode(code: string): string | undefined {
  try {
    return decodeURIComponent(code);
  } catch {
    return undefined;
  }
}
