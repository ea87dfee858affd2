import { ErrorCode } from '../protocol/codes.ts';
import { type Decoded, quote } from '../protocol/decode.ts';
import { chatTail, relay, say } from './frames.ts';
import type { Peer } from './peer.ts';
import type { Rooms } from './rooms.ts';

/** The longest public state of a peer, bytes of JSON. */
const MAX_STATE = 2048;

/** Does what a peer's message asks for. */
export function dispatch(rooms: Rooms, peer: Peer, message: Decoded): void {
  switch (message.type) {
    case 'offer':
    case 'answer':
    case 'ice':
      return pass(peer, message, message.type);
    case 'ack':
      return acknowledge(peer, message);
    case 'chat':
      return message.to === '' ? chat(rooms, peer, message) : whisper(peer, message);
    case 'state':
      return state(peer, message);
    case 'peers':
      peer.send(peer.room.roster(message.id));
      return;
    case 'ping':
      peer.send(relay('pong', peer.room.stamp, undefined, message));
      return;
    case 'remove':
      return remove(rooms, peer, message);
    case 'report':
      return; // for the operator, never for another peer
    default:
      message.type satisfies never;
  }
}

/** Tells a peer what was wrong with its message. */
export function complain(peer: Peer, code: ErrorCode, text: string, id: string | undefined): void {
  peer.send(say('error', peer.room.stamp, { code, message: text }, id));
}

function pass(peer: Peer, message: Decoded, type: 'offer' | 'answer' | 'ice'): void {
  const target = peer.room.peers.get(message.to);
  const passed = target?.send(relay(type, peer.stamp, target.address, message));
  if (!passed) unreachable(peer, message);
}

/** A receipt that can't be passed on is dropped: who waits for it sends its message again. */
function acknowledge(peer: Peer, message: Decoded): void {
  const target = peer.room.peers.get(message.to);
  if (target?.dialect === 'v1') target.send(relay('ack', peer.stamp, target.address, message));
}

function chat(rooms: Rooms, peer: Peer, message: Decoded): void {
  const { room } = peer;
  const now = Date.now();
  // Only v1 clients send again what may have been lost.
  const key =
    peer.dialect === 'v1' && message.id !== undefined ? `${peer.sessionId} ${message.id}` : undefined;
  const sent = key === undefined ? undefined : rooms.chats.find(room.chat, key, now);
  if (sent) {
    peer.send(sent); // its echo is its receipt
    return;
  }
  const frame = rooms.chats.add(room.id, room.chat, key, now, (seq) =>
    relay('chat', peer.stamp, undefined, message, chatTail(seq, now)),
  );
  room.broadcast(frame);
}

function whisper(peer: Peer, message: Decoded): void {
  const target = peer.room.peers.get(message.to);
  if (!target) return unreachable(peer, message);
  const frame = relay('chat', peer.stamp, target.address, message, chatTail(undefined, Date.now()));
  if (!target.send(frame)) return unreachable(peer, message);
  if (target !== peer) peer.send(frame);
}

function state(peer: Peer, message: Decoded): void {
  const { bytes, start, end } = message;
  if (bytes[start] !== 0x7b || end - start > MAX_STATE) {
    const text = `"state" needs "data", an object of at most ${MAX_STATE} bytes.`;
    return complain(peer, ErrorCode.InvalidMessage, text, message.id);
  }
  peer.state = Buffer.from(bytes.subarray(start, end)).toString();
  peer.room.broadcast(relay('state', peer.stamp, undefined, message), peer, 'v1');
}

function remove(rooms: Rooms, peer: Peer, message: Decoded): void {
  if (!peer.permit?.host) {
    return complain(peer, ErrorCode.Forbidden, 'Only a host may remove a peer.', message.id);
  }
  const target = peer.room.peers.get(message.to);
  if (target) rooms.remove(target);
  else unreachable(peer, message);
}

function unreachable(peer: Peer, message: Decoded): void {
  const target = peer.room.peers.get(message.to);
  // A v1 socket that is closing has not ended yet, but what ends it is as a rule no leave.
  if (target && (!target.session || target.dialect === 'v1')) {
    const text = `${quote(message.to)} has lost its connection and may come back.`;
    return complain(peer, ErrorCode.PeerAway, text, message.id);
  }
  const text = `There is no peer ${quote(message.to)} in this room.`;
  complain(peer, ErrorCode.PeerNotFound, text, message.id);
}
