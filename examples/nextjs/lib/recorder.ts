import { withDuration } from './webm-duration.ts';

/** What a recording shows and lets hear, asked again for each picture: people come and go. */
export interface RecorderSources {
  /** In this order; one without a video that plays is shown by name alone. */
  tiles: () => { video?: HTMLVideoElement; name: string }[];
  audio: () => MediaStream[];
}

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_PER_SECOND = 24;
const GAP = 8;
/** Of the pieces that the browser hands over, ms: so much is lost at most. */
const TIMESLICE = 1_000;
/** VP8 before VP9: it takes half the processor that the call needs, too. */
const TYPES = ['video/webm;codecs=vp8,opus', 'video/webm'];

/** Records a meeting in this browser, as one picture of all and one sound of all. It is used once. */
export class Recorder {
  readonly #sources: RecorderSources;
  readonly #canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  readonly #audio = new AudioContext();
  readonly #mix = this.#audio.createMediaStreamDestination();
  readonly #stream = new MediaStream();
  readonly #heard = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();
  readonly #pieces: Blob[] = [];
  #recorder: MediaRecorder | undefined;
  #stopClock: (() => void) | undefined;
  #startedAt = 0;

  constructor(sources: RecorderSources) {
    this.#sources = sources;
  }

  /** Begins. @throws DOMException if this browser can't record WebM */
  start(): void {
    try {
      this.#start();
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Ends, and hands out the recording: a WebM file that knows its length. */
  async stop(): Promise<Blob> {
    const recorder = this.#recorder;
    if (!recorder) throw new Error('It does not record.');
    if (recorder.state !== 'inactive') {
      const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
      recorder.stop();
      await stopped;
    }
    const milliseconds = performance.now() - this.#startedAt;
    this.#release();
    return withDuration(new Blob(this.#pieces, { type: 'video/webm' }), milliseconds);
  }

  #start(): void {
    void this.#audio.resume();
    this.#compose();
    const picture = this.#canvas.captureStream(FRAMES_PER_SECOND);
    for (const track of [...picture.getTracks(), ...this.#mix.stream.getTracks()])
      this.#stream.addTrack(track);
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? TYPES[0]!;
    this.#recorder = new MediaRecorder(this.#stream, { mimeType, videoBitsPerSecond: 2_500_000 });
    this.#recorder.ondataavailable = ({ data }) => this.#pieces.push(data);
    this.#recorder.start(TIMESLICE);
    this.#startedAt = performance.now();
    this.#stopClock = clock(1000 / FRAMES_PER_SECOND, () => this.#compose());
  }

  /** Browsers give a page only a few audio contexts. */
  #release(): void {
    this.#stopClock?.();
    for (const track of this.#stream.getTracks()) track.stop();
    void this.#audio.close();
  }

  #compose(): void {
    this.#hear(this.#sources.audio().flatMap((stream) => stream.getAudioTracks()));
    const draw = this.#canvas.getContext('2d', { alpha: false })!;
    draw.fillStyle = '#101418';
    draw.fillRect(0, 0, WIDTH, HEIGHT);
    const tiles = this.#sources.tiles();
    const columns = Math.ceil(Math.sqrt(tiles.length));
    const rows = Math.ceil(tiles.length / columns);
    const width = (WIDTH - GAP * (columns + 1)) / columns;
    const height = (HEIGHT - GAP * (rows + 1)) / rows;
    for (const [at, { video, name }] of tiles.entries()) {
      const x = GAP + (at % columns) * (width + GAP);
      const y = GAP + Math.floor(at / columns) * (height + GAP);
      drawTile(draw, { x, y, width, height }, video, name);
    }
  }

  /** Mixes exactly these. */
  #hear(tracks: MediaStreamTrack[]): void {
    for (const [track, source] of this.#heard) {
      if (tracks.includes(track)) continue;
      source.disconnect();
      this.#heard.delete(track);
    }
    for (const track of tracks) {
      if (this.#heard.has(track)) continue;
      const source = this.#audio.createMediaStreamSource(new MediaStream([track]));
      source.connect(this.#mix);
      this.#heard.set(track, source);
    }
  }
}

function drawTile(
  draw: CanvasRenderingContext2D,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  video: HTMLVideoElement | undefined,
  name: string,
): void {
  draw.save();
  draw.beginPath();
  draw.roundRect(x, y, width, height, 12);
  draw.clip();
  draw.fillStyle = '#232b33';
  draw.fillRect(x, y, width, height);
  if (video && video.videoWidth > 0) {
    // As large as it can be with nothing cut off.
    const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
    const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
    draw.drawImage(video, x + (width - w) / 2, y + (height - h) / 2, w, h);
  }
  draw.font = '500 20px system-ui, sans-serif';
  draw.textBaseline = 'middle';
  const label = Math.min(draw.measureText(name).width + 24, width);
  draw.fillStyle = 'rgb(0 0 0 / 60%)';
  draw.fillRect(x, y + height - 36, label, 36);
  draw.fillStyle = '#fff';
  draw.fillText(name, x + 12, y + height - 18, width - 24);
  draw.restore();
}

/** Ticks in a worker: a page in the background would be held to one tick a second. @returns stops it */
function clock(milliseconds: number, tick: () => void): () => void {
  const code = new Blob([`setInterval(() => postMessage(0), ${milliseconds})`], { type: 'text/javascript' });
  const url = URL.createObjectURL(code);
  const worker = new Worker(url);
  worker.onmessage = tick;
  return () => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
}
