/** How often to listen, ms. */
const EVERY = 100;
/** Louder than this (root mean square, 1 is the loudest) is speech; once it is, all that is above the lower one. */
const BEGINS = 0.02;
const GOES_ON = 0.01;
/** Silence that does not end it yet, ms: people breathe. */
const PAUSE = 1_000;

let shared: AudioContext | undefined;

/** One context for all: browsers allow a page only a few. It may sleep until somebody touches the page. */
function context(): AudioContext {
  shared ??= new AudioContext();
  if (shared.state === 'suspended') void shared.resume();
  return shared;
}

/**
 * Tells when somebody begins and ends to speak in a stream. Its microphone may be muted, replaced, or come
 * later.
 *
 * @returns ends the watch; if the person was speaking, `onChange` is not told
 */
export function watchSpeaking(stream: MediaStream, onChange: (speaking: boolean) => void): () => void {
  let ear: { track: MediaStreamTrack; source: AudioNode; analyser: AnalyserNode } | undefined;
  let speaking = false;
  let heardAt = 0;

  function listen(): number {
    const [track] = stream.getAudioTracks();
    if (track !== ear?.track) {
      ear?.source.disconnect();
      ear = track && open(track);
    }
    if (!ear) return 0;
    context();
    const samples = new Float32Array(ear.analyser.fftSize);
    ear.analyser.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  }

  const timer = setInterval(() => {
    const now = performance.now();
    if (listen() > (speaking ? GOES_ON : BEGINS)) heardAt = now;
    const speaks = heardAt > 0 && now - heardAt < PAUSE;
    if (speaks === speaking) return;
    speaking = speaks;
    onChange(speaking);
  }, EVERY);
  return () => {
    clearInterval(timer);
    ear?.source.disconnect();
  };
}

function open(track: MediaStreamTrack) {
  const source = context().createMediaStreamSource(new MediaStream([track]));
  const analyser = new AnalyserNode(context(), { fftSize: 2048 });
  source.connect(analyser);
  return { track, source, analyser };
}
