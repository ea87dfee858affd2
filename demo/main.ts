import type { RoomError } from 'record-meet-client';
import { type Kind, Media } from './media.ts';
import { Meeting } from './meeting.ts';
import { byId, caption, say } from './page.ts';
import { claimsOf } from './token.ts';
import { roomTrouble } from './words.ts';

const query = new URLSearchParams(location.search);
const token = query.get('token') ?? undefined;
const claims = token === undefined ? undefined : claimsOf(token);
const room = byId<HTMLInputElement>('room');
const name = byId<HTMLInputElement>('name');
const text = byId<HTMLInputElement>('text');
const preview = byId<HTMLVideoElement>('preview');

let meeting: Meeting | undefined;
const media = new Media({
  added: (track, stream) => meeting?.addTrack(track, stream),
  removed: (track) => meeting?.removeTrack(track),
  changed: () => {
    meeting?.changed();
    showControls();
  },
});

room.value = claims?.room ?? query.get('room') ?? '';
room.readOnly = claims !== undefined;
name.value = claims?.name ?? remembered() ?? '';
if (token !== undefined) byId('token-hint').hidden = true;
// A phone's browser can't share its screen.
byId('screen').hidden = !navigator.mediaDevices?.getDisplayMedia;
focusForm();
void media.open().then((trouble) => say('device-notice', trouble && `${trouble} You can join without.`));

byId('join').addEventListener('submit', (event) => {
  event.preventDefault();
  join(room.value, name.value.trim() || 'Nobody');
});

byId('write').addEventListener('submit', (event) => {
  event.preventDefault();
  if (text.value.trim() !== '') void meeting?.say(text.value);
  text.value = '';
});

for (const [id, kind] of [
  ['microphone', 'audio'],
  ['camera', 'video'],
] as const)
  onClick(id, () => media.toggle(kind));
onClick('screen', () => media.toggleScreen());
onClick('link', async () => {
  // Without a token, which is for this peer alone.
  const link = `${location.origin}/demo?${new URLSearchParams({ room: room.value })}`;
  try {
    await navigator.clipboard.writeText(link);
    return 'Link copied';
  } catch {
    return `Copy this link: ${link}`;
  }
});
onClick('leave', async () => {
  meeting?.leave();
  return undefined;
});

function join(roomId: string, ownName: string): void {
  remember(ownName);
  query.set('room', roomId);
  history.replaceState(null, '', `?${query}`);
  const options = {
    url: location.origin.replace(/^http/, 'ws'),
    room: roomId,
    // Another one for each join: after a reload, or in a tab's copy, it must not be the one before.
    peerId: claims?.peerId ?? `peer-${randomHex(8)}`,
    ...(token === undefined ? {} : { token }),
  };
  turnTo('call');
  byId('caption').replaceChildren();
  meeting = new Meeting(options, ownName, media, ended);
  say('place', roomId);
  document.title = `${roomId} – Record Meet demo`;
  showControls();
  byId('place').focus();
}

/** @param error why, unless this peer has left */
function ended(error: RoomError | undefined): void {
  meeting = undefined;
  media.stopScreen();
  turnTo('lobby');
  say('place', undefined);
  say('connection', undefined);
  say('join-error', error && roomTrouble(error));
  document.title = 'Record Meet demo';
  focusForm();
}

function turnTo(part: 'lobby' | 'call'): void {
  for (const id of ['lobby', 'call']) byId(id).hidden = id !== part;
  say('join-error', undefined);
}

function focusForm(): void {
  const empty = [room, name].find((input) => input.value === '' && !input.readOnly);
  (empty ?? byId('join').querySelector('button'))?.focus();
}

/** @param act what the button does; its answer, if it has one, is said to the user */
function onClick(id: string, act: () => Promise<string | undefined>): void {
  byId(id).addEventListener('click', async () => {
    const answer = await act();
    if (answer !== undefined) caption(answer);
  });
}

function showControls(): void {
  const off = (id: string, kind: Kind, words: [string, string]) => label(id, !media.isOn(kind), words);
  off('microphone', 'audio', ['Mute', 'Unmute']);
  off('camera', 'video', ['Camera off', 'Camera on']);
  label('screen', media.screen !== undefined, ['Share screen', 'Stop sharing']);
  // Not before there is something to show, as a page is loading for as long as its video is.
  preview.srcObject ??= media.stream;
  preview.classList.toggle('off', !media.isOn('video'));
}

function label(id: string, active: boolean, words: [string, string]): void {
  byId(id).classList.toggle('active', active);
  byId(id).querySelector('span')!.textContent = words[Number(active)]!;
}

/** Random also where the page is no secure context, unlike `crypto.randomUUID()`. */
function randomHex(bytes: number): string {
  return crypto
    .getRandomValues(new Uint8Array(bytes))
    .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
}

// A browser may keep pages from storing anything: then the name is asked for again.
function remembered(): string | null {
  try {
    return localStorage.getItem('name');
  } catch {
    return null;
  }
}

function remember(ownName: string): void {
  try {
    localStorage.setItem('name', ownName);
  } catch {}
}
