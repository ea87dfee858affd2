import { type Call, createCall, joinRoom, type Room, RoomError, type RoomOptions } from 'record-meet-client';
import { clearChat, type Said, showMessage, showNote, showPending } from './chat.ts';
import type { Media } from './media.ts';
import { caption, say } from './page.ts';
import { showPeople } from './people.ts';
import { nameOf, type Person, personOf, type Shown } from './person.ts';
import { showTiles } from './tiles.ts';
import { roomTrouble } from './words.ts';

/** How long a connection may take before the page says what may be amiss, ms. */
const PATIENCE = 5_000;

const STATUS = {
  connecting: 'Connecting…',
  connected: 'Connected',
  reconnecting: 'Connection lost. Reconnecting…',
  closed: '',
};
const SLOW =
  'Still no connection. Is the server running? Is the room full? A page that is not on localhost must stand in NEXT_JS_URL.';

/** The time in one room, from the join to the leave. */
export class Meeting {
  readonly #room: Room;
  readonly #call: Call;
  readonly #media: Media;
  readonly #name: string;
  readonly #streams = new Map<string, MediaStream[]>();
  /** Peers whose coming was announced: it waits for their name. */
  readonly #known = new Set<string>();
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** @param ended the room is closed: why, unless it was left */
  constructor(options: RoomOptions, name: string, media: Media, ended: (error?: RoomError) => void) {
    this.#media = media;
    this.#name = name;
    this.#room = joinRoom(options);
    this.#call = createCall(this.#room, { stream: media.stream });
    this.#listen(ended);
    clearChat();
    this.#connection();
    this.changed();
  }

  /** A track is there to be sent. */
  addTrack(track: MediaStreamTrack, stream: MediaStream): void {
    this.#call.addTrack(track, stream);
  }

  removeTrack(track: MediaStreamTrack): void {
    this.#call.removeTrack(track);
  }

  /** Shows everybody, here and at the others', what is on and what is off. */
  changed(): void {
    const shown: Shown = {
      name: this.#name,
      microphone: this.#media.isOn('audio'),
      camera: this.#media.isOn('video'),
      stream: this.#media.stream.id,
    };
    this.#room.setState(shown);
    this.#show();
  }

  /** Says something to everybody. */
  async say(text: string): Promise<void> {
    const remove = showPending(text);
    try {
      const said: Said = { text, name: this.#name };
      await this.#room.chat(said);
    } catch (error) {
      if (error instanceof RoomError && error.code !== 'aborted')
        showNote(`Not sent: “${text}”. ${roomTrouble(error)}`);
    } finally {
      remove();
    }
  }

  leave(): void {
    this.#room.leave();
  }

  #listen(ended: (error?: RoomError) => void): void {
    const room = this.#room;
    const call = this.#call;
    const show = () => this.#show();
    room.on('status', () => {
      this.#connection();
      show();
    });
    room.on('peer-joined', ({ peer }) => {
      // Who was there before, or is a client of another kind, is waited for no longer.
      if (room.status === 'connecting') this.#known.add(peer.id);
      else if (peer.dialect === 'plain') this.#announce(peer.id, nameOf(peer));
      show();
    });
    room.on('peer-state', (peer) => {
      this.#announce(peer.id, nameOf(peer));
      show();
    });
    room.on('peer-left', (peer) => {
      this.#known.delete(peer.id);
      this.#tell(`${nameOf(peer)} has left`);
      show();
    });
    room.on('peer-away', (peer) => {
      this.#tell(`${nameOf(peer)} has lost the connection`);
      show();
    });
    room.on('peer-back', (peer) => {
      this.#tell(`${nameOf(peer)} is back`);
      show();
    });
    room.on('chat', (message) => {
      const own = message.from === room.peerId;
      const peer = room.peers.find(({ id }) => id === message.from);
      showMessage(message, own ? 'You' : peer && nameOf(peer));
    });
    room.on('chat-gap', () => showNote('Older messages are no longer kept.'));
    room.on('announcement', (data) => this.#tell(typeof data === 'string' ? data : JSON.stringify(data)));
    room.on('error', (error) => this.#tell(roomTrouble(error)));
    room.on('closed', (error) => {
      clearTimeout(this.#patience);
      ended(error);
    });
    call.on('connection', show);
    call.on('stream', ({ peer, stream }) => {
      this.#streams.set(peer, [...(this.#streams.get(peer) ?? []), stream]);
      show();
    });
    call.on('stream-ended', ({ peer, stream }) => {
      const left = this.#streams.get(peer)?.filter((one) => one !== stream) ?? [];
      if (left.length > 0) this.#streams.set(peer, left);
      else this.#streams.delete(peer);
      show();
    });
    call.on('error', ({ peer, error }) => this.#tell(`The call with ${peer}: ${error.message}`));
  }

  #announce(id: string, name: string): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#tell(`${name} has joined`);
  }

  /** Says what has happened, and keeps it among the chat. */
  #tell(text: string): void {
    caption(text);
    showNote(text);
  }

  #connection(): void {
    clearTimeout(this.#patience);
    const { status } = this.#room;
    say('connection', STATUS[status]);
    if (status === 'connecting' || status === 'reconnecting')
      this.#patience = setTimeout(() => say('connection', SLOW), PATIENCE);
  }

  #show(): void {
    const room = this.#room;
    if (room.status === 'closed') return;
    const { screen } = this.#media;
    const self: Person = {
      id: room.peerId,
      name: this.#name,
      own: true,
      status: room.status === 'connected' ? 'here' : STATUS[room.status],
      away: false,
      microphone: this.#media.isOn('audio'),
      camera: this.#media.isOn('video'),
      stream: this.#media.stream,
      screens: screen ? [screen] : [],
    };
    const others = room.peers.map((peer) => {
      const connection = this.#call.connections.get(peer.id)?.connectionState;
      return personOf(peer, this.#streams.get(peer.id) ?? [], connection);
    });
    showTiles([self, ...others]);
    showPeople([self, ...others]);
  }
}
