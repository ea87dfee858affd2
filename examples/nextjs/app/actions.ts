'use server';

import { redirect } from 'next/navigation';
import { newRoomId, roomIdOf } from '../lib/room-id.ts';

/** Begins a meeting under a code that nobody guesses. */
export async function newMeeting(): Promise<void> {
  redirect(`/${newRoomId()}`);
}

/** Goes to the meeting of the code, or of the link, that was typed in. */
export async function join(form: FormData): Promise<void> {
  const room = roomIdOf(String(form.get('code') ?? ''));
  redirect(room === undefined ? '/?code=wrong' : `/${encodeURIComponent(room)}`);
}
