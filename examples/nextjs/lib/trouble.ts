import type { RoomError, RoomErrorCode } from 'record-meet-client';

/** What to do about it; for the others the library's own sentence says enough. */
const advice: Partial<Record<RoomErrorCode, string>> = {
  unauthorized: 'The signaling server does not know this app. Both need the same JWT_SECRET.',
  replaced: 'You have joined again in another tab, which goes on.',
  removed: 'A host has removed you from the meeting.',
  'invalid-id': 'There can be no meeting with this code.',
};

/** An error of the room in words. */
export function roomTrouble(error: RoomError): string {
  return advice[error.code] ?? error.message;
}

const devices: Record<string, string> = {
  NotAllowedError: 'you or your system refused it. The icon in the address bar allows it again.',
  NotFoundError: 'none was found.',
  NotReadableError: 'another program is using it.',
  OverconstrainedError: 'it is no longer there.',
};

/** Why a camera, a microphone or a screen can't be had, in words. */
export function deviceTrouble(what: string, error: unknown): string {
  const { name, message } = error as Error;
  return `No ${what}: ${devices[name] ?? message}`;
}
