import type { RoomError, RoomErrorCode } from 'record-meet-client';

/** What to do about it; for the others the library's own sentence says enough. */
const advice: Partial<Record<RoomErrorCode, string>> = {
  unauthorized:
    'The server wants a good room token. Make one where it runs: npm run --silent token -- --room room-1 --peer anna; then open /demo?token=… with it.',
  forbidden: 'Your room token is for another room or peer. Make one for this room.',
  'peer-id-in-use': 'Somebody is in the room with this token already. Each tab wants a token of its own.',
  replaced: 'You have joined again with this token, in another tab perhaps. That tab goes on.',
  removed: 'A host has removed you from the room.',
  'invalid-id': 'A room name has 1 to 128 characters, and none of them is a control character.',
};

/** An error of the room in words. */
export function roomTrouble(error: RoomError): string {
  return advice[error.code] ?? error.message;
}

const devices: Record<string, string> = {
  NotAllowedError: 'you, or your system, refused it. The icon in the address bar allows it again.',
  NotFoundError: 'none was found.',
  NotReadableError: 'another program is using it.',
};

/** Why a camera, a microphone or a screen can't be had, in words. */
export function deviceTrouble(what: string, error: unknown): string {
  const { name, message } = error as Error;
  return `No ${what}: ${devices[name] ?? message}`;
}
