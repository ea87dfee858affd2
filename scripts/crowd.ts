import { WebSocket } from 'ws';

const ROOMS = ['weekly', 'design review', 'support-4711', 'all hands', '1:1 Anna & Ben'];
const NAMES = ['anna', 'ben', 'chiara', 'dov', 'eva', 'finn', 'gil', 'hana'];

/**
 * Peers that come, call each other without media, report what a real client might, talk, and go.
 *
 * @returns ends it
 */
export function startCrowd(port: number): () => void {
  const sockets = new Set<WebSocket>();
  const timers = new Set<NodeJS.Timeout>();
  let came = 0;

  function enter(): void {
    const room = ROOMS[came % ROOMS.length]!;
    const name = NAMES[Math.floor(came / ROOMS.length) % NAMES.length]!;
    came++;
    const url = `ws://127.0.0.1:${port}/ws/${encodeURIComponent(room)}/${name}`;
    const socket = new WebSocket(url, ['record-meet.v1']);
    sockets.add(socket);
    const send = (message: object) =>
      socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('message', (bytes) => {
      const { type, from, data } = JSON.parse(bytes.toString());
      if (type === 'new-peer') {
        send({ type: 'offer', to: data, data: {} });
        const fails = room === 'support-4711' && name === 'gil';
        later(600 + came * 7, () =>
          send({ type: 'report', to: data, data: fails ? failed : connected(came) }),
        );
      }
      if (type !== 'offer') return;
      send({ type: 'answer', to: from, data: {} });
      for (let n = 0; n < 4; n++) send({ type: 'ice', to: from, data: {} });
    });
    later(45_000, () => socket.close());
  }

  function talk(): void {
    const wave = 1 + Math.sin(performance.now() / 9_000);
    for (const socket of sockets)
      for (let n = 0; n < wave * 2; n++)
        if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
  }

  function later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  const every = [setInterval(enter, 1_300), setInterval(talk, 400)];
  return () => {
    for (const timer of every) clearInterval(timer);
    for (const timer of timers) clearTimeout(timer);
    for (const socket of sockets) socket.terminate();
  };
}

const connected = (n: number) => {
  const path = ['host', 'srflx', 'relay'][n % 3];
  return {
    event: 'connected',
    ms: 300 + ((n * 137) % 900),
    path,
    candidates: { host: 2, srflx: 1, relay: 1 },
  };
};
const failed = { event: 'failed', candidates: { host: 2 }, reason: 'no candidate pair worked' };
