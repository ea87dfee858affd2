import { createRoomToken } from 'record-meet-client/server';
import { nameIn } from '../../../lib/person.ts';
import { isPeerId, isRoomId } from '../../../lib/room-id.ts';

/**
 * Makes the room token that the signaling server asks for. Here everybody gets one who has the code of a
 * meeting. A product looks at its own session first, takes the name from there, and says who is a host.
 */
export async function POST(request: Request): Promise<Response> {
  const secret = process.env.JWT_SECRET;
  if (!secret) return Response.json({ error: 'JWT_SECRET is not set.' }, { status: 500 });
  // Browsers say by it whose page asks. Once there is a session in a cookie, no other site's may use it.
  if ((request.headers.get('sec-fetch-site') ?? 'same-origin') !== 'same-origin')
    return Response.json({ error: 'Only the pages of this app may ask.' }, { status: 403 });
  const { room, peerId, name } = await read(request);
  if (!isRoomId(room) || !isPeerId(peerId))
    return Response.json({ error: 'It takes a room and a peerId.' }, { status: 400 });
  const shown = nameIn({ name });
  const token = await createRoomToken({ room, peerId, ...(shown && { name: shown }) }, secret);
  return Response.json({ token }, { headers: { 'cache-control': 'no-store' } });
}

async function read(request: Request): Promise<Record<string, unknown>> {
  try {
    return Object(await request.json());
  } catch {
    return {};
  }
}
