// A relay on Socket.IO, as its examples have them: over WebSocket alone, a room for each call and one for each peer.
import { Server } from 'socket.io';

const io = new Server(+process.env.PORT, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => {
  socket.on('join', (room, id) => {
    socket.data = { room, id };
    socket.join([room, `${room}/${id}`]);
    socket.emit('joined', room);
    socket.to(room).emit('new-peer', id);
  });
  socket.on('message', (message) => {
    const { room, id } = socket.data;
    const to = message.to ? `${room}/${message.to}` : room;
    socket.to(to).emit('message', { ...message, room, from: id });
  });
  socket.on('disconnect', () => socket.to(socket.data.room ?? '').emit('peer-left', socket.data.id));
});
