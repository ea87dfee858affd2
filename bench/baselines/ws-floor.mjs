// Yardstick 2: the least that stock ws can do: no JSON on the message path, no checks, the sender is believed.
import { WebSocketServer } from 'ws';

const rooms = new Map();
const wss = new WebSocketServer({
  port: +process.env.PORT,
  host: '127.0.0.1',
  backlog: 4096,
  perMessageDeflate: false,
  clientTracking: false,
  skipUTF8Validation: true,
});
const TO = Buffer.from('"to":"');
const TEXT = { binary: false, compress: false };
wss.on('connection', (ws, req) => {
  const [, , roomId, peerId] = req.url.split('/');
  let room = rooms.get(roomId);
  if (!room) rooms.set(roomId, (room = new Map()));
  ws.send(JSON.stringify({ type: 'roster', room: roomId, peers: [...room.keys()] }));
  const joined = JSON.stringify({ type: 'new-peer', room: roomId, from: peerId });
  for (const p of room.values()) p.send(joined);
  room.set(peerId, ws);
  ws.on('error', () => {});
  ws.on('message', (raw) => {
    const i = raw.subarray(0, 128).indexOf(TO);
    if (i >= 0) {
      const s = i + 6;
      let e = s;
      while (raw[e] !== 34) e++;
      const t = room.get(raw.latin1Slice(s, e));
      if (t) t.send(raw, TEXT);
    } else for (const p of room.values()) if (p !== ws) p.send(raw, TEXT);
  });
  ws.on('close', () => {
    if (room.get(peerId) === ws) room.delete(peerId);
    if (!room.size) rooms.delete(roomId);
    const left = JSON.stringify({ type: 'peer-left', room: roomId, from: peerId });
    for (const p of room.values()) p.send(left);
  });
});
wss.on('listening', () => console.log('ready'));
