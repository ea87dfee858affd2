// Yardstick 1: what a competent weekend project would be: ws, JSON.parse and JSON.stringify for each message, Maps.
import { WebSocketServer } from 'ws';

const rooms = new Map();
const wss = new WebSocketServer({ port: +process.env.PORT, host: '127.0.0.1', backlog: 4096 });
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
    let m;
    try {
      m = JSON.parse(raw.toString());
    } catch {
      return;
    }
    if (m.to) {
      const t = room.get(m.to);
      if (t) t.send(JSON.stringify({ ...m, room: roomId, from: peerId }));
    } else
      for (const [id, p] of room)
        if (id !== peerId) p.send(JSON.stringify({ ...m, room: roomId, from: peerId }));
  });
  ws.on('close', () => {
    if (room.get(peerId) === ws) room.delete(peerId);
    if (!room.size) rooms.delete(roomId);
    const left = JSON.stringify({ type: 'peer-left', room: roomId, from: peerId });
    for (const p of room.values()) p.send(left);
  });
});
wss.on('listening', () => console.log('ready'));
