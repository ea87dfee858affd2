import type { Call } from 'record-meet-client';
import { ask, choices, letGo } from './devices.ts';
import { deviceTrouble } from './trouble.ts';

/** A track's kind: sound or picture. */
export type Kind = 'audio' | 'video';

/** What this page can send, at one moment. */
export interface MediaView {
  /** The user was asked for camera and microphone, and has answered. */
  asked: boolean;
  muted: boolean;
  camera: boolean;
  /** The screen, while it is shared. */
  screen: MediaStream | undefined;
  /** What is missing and why, in words. */
  trouble: string | undefined;
  devices: readonly MediaDeviceInfo[];
  /** The ids of the devices in use. */
  chosen: Partial<Record<Kind, string>>;
}

/** Camera and microphone in one stream, the screen in another; from the green room to the end of the meeting. */
export class Media {
  readonly stream = new MediaStream();
  readonly #listeners = new Set<() => void>();
  #call: Call | undefined;
  #opened: Promise<void> | undefined;
  /** Aborted by `close`. */
  #visit = new AbortController();
  #view: MediaView = {
    asked: false,
    muted: true,
    camera: false,
    screen: undefined,
    trouble: undefined,
    devices: [],
    chosen: {},
  };

  readonly view = (): MediaView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** From now on what is there, comes and goes does so in this call, too. */
  attach(call: Call | undefined): void {
    this.#call = call;
    for (const stream of [this.stream, this.#view.screen])
      for (const track of stream?.getTracks() ?? []) call?.addTrack(track, stream);
  }

  /** Asks for camera and microphone, once. */
  open(): Promise<void> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  /**
   * Turns the camera or the microphone off, or on; gets it first, if need be. Off, it sends black or silence
   * and is kept, so its light may stay on. Given back, it would take a negotiation to turn it on again, at
   * which a page of the original frontend begins its call anew; some browsers would ask again; and another
   * program could have taken it.
   */
  async toggle(kind: Kind): Promise<void> {
    const track = this.#track(kind);
    if (!track) return this.choose(kind);
    track.enabled = !track.enabled;
    this.#change({});
  }

  /** Takes this device, or whichever there is, in place of the one in use. */
  async choose(kind: Kind, deviceId?: string): Promise<void> {
    this.#change({ trouble: undefined }); // the same trouble once more is told once more
    this.#change({ trouble: await this.#try(kind, deviceId) });
  }

  /** Begins or ends to share the screen. */
  async toggleScreen(): Promise<void> {
    const { screen } = this.#view;
    if (screen) return this.stopScreen();
    this.#change({ trouble: undefined });
    try {
      const wanted = { video: true, audio: true };
      const shared = await ask((devices) => devices.getDisplayMedia(wanted), this.#visit.signal);
      if (!shared) return;
      if (this.#view.screen) return letGo(shared); // asked for twice
      for (const track of shared.getTracks()) this.#call?.addTrack(track, shared);
      // Ended in the browser's own bar.
      for (const track of shared.getVideoTracks()) track.onended = () => this.stopScreen();
      this.#change({ screen: shared });
    } catch (error) {
      // NotAllowedError: they changed their mind.
      if ((error as Error).name !== 'NotAllowedError')
        this.#change({ trouble: deviceTrouble('screen', error) });
    }
  }

  stopScreen(): void {
    const { screen } = this.#view;
    letGo(screen);
    for (const track of screen?.getTracks() ?? []) this.#call?.removeTrack(track);
    this.#change({ screen: undefined });
  }

  /** Lets go of all devices, those on the way included; `open` asks for them again. */
  close(): void {
    this.#visit.abort();
    this.#visit = new AbortController();
    this.stopScreen();
    letGo(this.stream);
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
    this.#opened = undefined;
    this.#change({ asked: false, trouble: undefined });
  }

  async #open(): Promise<void> {
    const { signal } = this.#visit;
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#list(), { signal });
    const trouble = await this.#tryBoth(signal);
    if (signal.aborted) return;
    this.#change({ trouble, asked: true });
    await this.#list();
  }

  async #tryBoth(signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.#get({ audio: true, video: true }, signal);
      return undefined;
    } catch (error) {
      if ((error as Error).name === 'NotAllowedError') return deviceTrouble('camera and microphone', error);
    }
    // One of the two is missing or in use: the other may do.
    const troubles = [
      await this.#try('video', undefined, signal),
      await this.#try('audio', undefined, signal),
    ];
    return troubles.filter((text) => text !== undefined).join(' ') || undefined;
  }

  async #try(
    kind: Kind,
    deviceId?: string,
    signal: AbortSignal = this.#visit.signal,
  ): Promise<string | undefined> {
    try {
      await this.#get({ [kind]: deviceId === undefined || { deviceId: { exact: deviceId } } }, signal);
      await this.#list();
      return undefined;
    } catch (error) {
      return deviceTrouble(kind === 'audio' ? 'microphone' : 'camera', error);
    }
  }

  async #get(wanted: MediaStreamConstraints, signal: AbortSignal): Promise<void> {
    const got = await ask((devices) => devices.getUserMedia(wanted), signal);
    for (const track of got?.getTracks() ?? []) this.#use(track);
    this.#change({});
  }

  #use(track: MediaStreamTrack): void {
    const before = this.#track(track.kind as Kind);
    this.stream.addTrack(track);
    track.onended = () => this.#drop(track); // unplugged, or forbidden
    if (!before) return this.#call?.addTrack(track, this.stream);
    track.enabled = before.enabled;
    this.stream.removeTrack(before);
    before.stop();
    // A track that has gone meanwhile is replaced by nothing.
    void this.#call?.replaceTrack(before, track).catch(() => this.#call?.addTrack(track, this.stream));
  }

  #drop(track: MediaStreamTrack): void {
    this.stream.removeTrack(track);
    this.#call?.removeTrack(track);
    const device = track.kind === 'audio' ? 'microphone' : 'camera';
    this.#change({ trouble: `The ${device} is gone. Plug it in again, or choose another one.` });
  }

  async #list(): Promise<void> {
    this.#change({ devices: await choices() });
  }

  #track(kind: Kind): MediaStreamTrack | undefined {
    return this.stream.getTracks().find((track) => track.kind === kind);
  }

  #change(change: Partial<MediaView>): void {
    const [audio, video] = [this.#track('audio'), this.#track('video')];
    const chosen = { audio: audio?.getSettings().deviceId, video: video?.getSettings().deviceId };
    const on = { muted: !audio?.enabled, camera: video?.enabled ?? false };
    this.#view = { ...this.#view, ...on, chosen, ...change };
    for (const listener of this.#listeners) listener();
  }
}
