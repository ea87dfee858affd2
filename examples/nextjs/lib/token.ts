/** How long the app's own server may take, ms: as long as the library waits for a token, it does not connect. */
const PATIENCE = 10_000;

/** Gets a room token. It is asked for before each connect, and before TURN credentials expire. */
export async function getToken(of: { room: string; peerId: string; name: string }): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await fetch('/api/token', { method: 'POST', body: JSON.stringify(of), signal });
  if (!response.ok) throw new Error(`No room token: HTTP ${response.status}`);
  return (await response.json()).token;
}
