/**
 * Asks for camera, microphone or screen. Users take their time to answer, and what they allow after `signal` is
 * let go of at once.
 *
 * @param get which of them
 * @returns undefined after `signal`
 * @throws Error where the browser gives no devices to the page, and what `get` throws
 */
export async function ask(
  get: (devices: MediaDevices) => Promise<MediaStream>,
  signal: AbortSignal,
): Promise<MediaStream | undefined> {
  if (signal.aborted) return undefined;
  if (!navigator.mediaDevices) throw new Error('browsers give it to https pages and to localhost alone.');
  const given = await get(navigator.mediaDevices);
  if (!signal.aborted) return given;
  letGo(given);
  return undefined;
}

/** Stops all that is in a stream. */
export function letGo(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Those that can be chosen; as long as the user has allowed none, browsers do not say which there are. */
export async function choices(): Promise<MediaDeviceInfo[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.filter(({ deviceId }) => deviceId !== '');
}
