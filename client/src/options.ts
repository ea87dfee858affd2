import type { RoomOptions } from './types.ts';

/** The server's address without a slash at its end. */
export function serverOf({ url }: RoomOptions): string {
  return url.replace(/\/+$/, '');
}

/** A room token, a fresh one where that can be had. */
export async function tokenOf({ token, getToken }: RoomOptions): Promise<string | undefined> {
  return getToken ? await getToken() : token;
}
