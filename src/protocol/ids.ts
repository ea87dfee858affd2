/** The longest room or peer id, and the longest message `id`, in Unicode code points. */
export const MAX_ID_LENGTH = 128;

/** The `from` of everything the server itself says; no peer may have it. */
export const SERVER_ID = 'server';

/** Begins the rooms in which canaries try a server: `/stats` and `/calls` leave those out. */
export const CANARY_PREFIX = 'record-meet-canary:';

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Whether `text` has 1 to 128 code points. */
export function hasIdLength(text: string): boolean {
  // A code point takes one or two UTF-16 units, so only lengths in between need to be counted.
  if (text.length <= MAX_ID_LENGTH) return text.length > 0;
  return text.length <= 2 * MAX_ID_LENGTH && [...text].length <= MAX_ID_LENGTH;
}

/** Whether `id` can name a room: 1 to 128 code points, no control characters. No normalisation. */
export function isRoomId(id: string): boolean {
  return hasIdLength(id) && !CONTROL.test(id);
}

/** Whether `id` can name a peer: as a room, and not the reserved `server`. */
export function isPeerId(id: string): boolean {
  return isRoomId(id) && id !== SERVER_ID;
}

/** Whether a room is for canaries alone. */
export function isCanaryRoom(id: string): boolean {
  return id.startsWith(CANARY_PREFIX);
}
