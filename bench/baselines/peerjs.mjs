// The PeerJS server, without its limit on clients.
import { PeerServer } from 'peer';

PeerServer({ port: +process.env.PORT, host: '127.0.0.1', path: '/', concurrent_limit: 1_000_000 });
