import { deviceTrouble } from './words.ts';

/** A track's kind: sound or picture. */
export type Kind = 'audio' | 'video';

const WORDS = { audio: 'microphone', video: 'camera' };

/** Whom the media serve. */
export interface MediaOwner {
  /** A track is there to be sent. */
  added(track: MediaStreamTrack, stream: MediaStream): void;
  /** A track has ended. */
  removed(track: MediaStreamTrack): void;
  /** Something is on, off, there or gone. */
  changed(): void;
}

/** What this page can send: camera and microphone in one stream, the screen in another. */
export class Media {
  readonly stream = new MediaStream();
  #screen: MediaStream | undefined;
  /** Aborted by `stopScreen`. */
  #visit = new AbortController();
  readonly #owner: MediaOwner;

  constructor(owner: MediaOwner) {
    this.#owner = owner;
  }

  /** The screen, while it is shared. */
  get screen(): MediaStream | undefined {
    return this.#screen;
  }

  isOn(kind: Kind): boolean {
    return this.#track(kind)?.enabled ?? false;
  }

  /** Asks for camera and microphone. @returns what is missing and why, if anything is */
  async open(): Promise<string | undefined> {
    try {
      await this.#get('audio', 'video');
      return undefined;
    } catch (error) {
      if ((error as Error).name === 'NotAllowedError') return deviceTrouble('camera and microphone', error);
    }
    // One of the two is missing or in use: the other may do.
    const troubles = [await this.#try('video'), await this.#try('audio')];
    return troubles.filter((text) => text !== undefined).join(' ') || undefined;
  }

  /** Turns the camera or the microphone off, or on; gets it first, if need be. @returns why that failed */
  async toggle(kind: Kind): Promise<string | undefined> {
    const track = this.#track(kind);
    if (!track) return this.#try(kind);
    track.enabled = !track.enabled;
    this.#owner.changed();
    return undefined;
  }

  /** Begins or ends to share the screen. @returns why that failed */
  async toggleScreen(): Promise<string | undefined> {
    if (this.#screen) {
      this.#end(this.#screen);
      return undefined;
    }
    try {
      const { signal } = this.#visit;
      const screen = await devices().getDisplayMedia({ video: true });
      // Chosen after the meeting, or asked for twice.
      if (signal.aborted || this.#screen) this.#end(screen);
      else this.#add(screen, (this.#screen = screen));
      return undefined;
    } catch (error) {
      if ((error as Error).name === 'NotAllowedError') return undefined; // changed their mind
      return deviceTrouble('screen', error);
    }
  }

  /** Ends the sharing of the screen, also of one that is still being chosen. */
  stopScreen(): void {
    this.#visit.abort();
    this.#visit = new AbortController();
    if (this.#screen) this.#end(this.#screen);
  }

  #track(kind: Kind): MediaStreamTrack | undefined {
    return this.stream.getTracks().find((track) => track.kind === kind);
  }

  async #try(kind: Kind): Promise<string | undefined> {
    try {
      await this.#get(kind);
      return undefined;
    } catch (error) {
      return deviceTrouble(WORDS[kind], error);
    }
  }

  async #get(...kinds: Kind[]): Promise<void> {
    const wanted = { audio: kinds.includes('audio'), video: kinds.includes('video') };
    this.#add(await devices().getUserMedia(wanted), this.stream);
  }

  #add(got: MediaStream, stream: MediaStream): void {
    for (const track of got.getTracks()) {
      if (stream === this.stream && this.#track(track.kind as Kind)) {
        track.stop(); // asked for twice
        continue;
      }
      stream.addTrack(track);
      // Unplugged, or ended in the browser's own bar.
      track.onended = () => this.#drop(track, stream);
      this.#owner.added(track, stream);
    }
    this.#owner.changed();
  }

  #end(stream: MediaStream): void {
    for (const track of stream.getTracks()) {
      track.stop();
      this.#drop(track, stream);
    }
  }

  #drop(track: MediaStreamTrack, stream: MediaStream): void {
    stream.removeTrack(track);
    if (stream === this.#screen) this.#screen = undefined;
    this.#owner.removed(track);
    this.#owner.changed();
  }
}

/** @throws Error where the browser gives no devices to the page */
function devices(): MediaDevices {
  if (navigator.mediaDevices) return navigator.mediaDevices;
  throw new Error('browsers give it to https pages and to localhost alone.');
}
