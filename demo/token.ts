/** What a room token says of its bearer. */
export interface Claims {
  room: string;
  peerId: string;
  name: string | undefined;
}

/** Reads a room token (RFC 7519) without checking it, which is the server's part; undefined if it is none. */
export function claimsOf(token: string): Claims | undefined {
  try {
    const base64 = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const { room, sub, name } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof room !== 'string' || typeof sub !== 'string') return undefined;
    return { room, peerId: sub, name: typeof name === 'string' ? name : undefined };
  } catch {
    return undefined;
  }
}
