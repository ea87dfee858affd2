import { ErrorCode } from '../protocol/codes.ts';
import type { Decoded } from '../protocol/decode.ts';
import { postChat } from './chat.ts';
import { complain, outOfReach, unreachable } from './complain.ts';
import { dismiss } from './dismiss.ts';
import { forward, isElsewhere } from './elsewhere.ts';
import { chatTail, relay } from './frames.ts';
import type { Signal } from './pairs.ts';
import type { Peer } from './peer.ts';
import { readReport } from './report.ts';
import type { Rooms } from './rooms.ts';
import { show } from './show.ts';
import { count } from './tally.ts';

/**
 * Does what a peer's message asks for.
 *
 * @returns resolves when its next message may be taken; nothing, if that is now
 */
export function dispatch(rooms: Rooms, peer: Peer, message: Decoded): void | Promise<void> {
  switch (message.type) {
    case 'offer':
    case 'answer':
    case 'ice':
      return pass(rooms, peer, message, message.type);
    case 'ack':
      return acknowledge(rooms, peer, message);
    case 'chat':
      return message.to === '' ? postChat(rooms, peer, message) : whisper(rooms, peer, message);
    case 'state':
      return show(rooms, peer, message);
    case 'peers':
      peer.send(peer.room.roster(message.id));
      return;
    case 'ping':
      peer.send(relay('pong', peer.room.stamp, undefined, message));
      return;
    case 'remove':
      return remove(rooms, peer, message);
    case 'report':
      return report(rooms, peer, message);
    default:
      message.type satisfies never;
  }
}

function pass(rooms: Rooms, peer: Peer, message: Decoded, type: Signal): void {
  const { room } = peer;
  const target = room.peers.get(message.to);
  const far = target !== undefined && isElsewhere(rooms, target);
  let passed = far;
  if (target && far) {
    sendAway(rooms, peer, target, relay(type, peer.stamp, target.address, message), message.id);
  } else if (target?.session) {
    passed = target.send(relay(type, peer.stamp, target.address, message));
  }
  rooms.calls?.signal(peer, target?.id ?? message.to, target, type, passed, Date.now());
  if (!passed) unreachable(peer, message.to, message.id);
}

/** A receipt that can't be passed on is dropped: who waits for it sends its message again. */
function acknowledge(rooms: Rooms, peer: Peer, message: Decoded): void {
  const target = peer.room.peers.get(message.to);
  if (target?.dialect !== 'v1') return;
  const frame = relay('ack', peer.stamp, target.address, message);
  if (target.session) target.send(frame);
  else if (isElsewhere(rooms, target)) forward(rooms, peer, target, frame, { quiet: true }).catch(() => {});
}

function whisper(rooms: Rooms, peer: Peer, message: Decoded): void {
  const target = peer.room.peers.get(message.to);
  if (!target) return unreachable(peer, message.to, message.id);
  const frame = relay('chat', peer.stamp, target.address, message, chatTail(undefined, Date.now()));
  if (isElsewhere(rooms, target)) {
    sendAway(rooms, peer, target, frame, message.id, () => peer.send(frame));
    return;
  }
  if (!target.send(frame)) return unreachable(peer, message.to, message.id);
  if (target !== peer) peer.send(frame);
}

/** To a peer of another instance; its sender hears if that fails. */
function sendAway(
  rooms: Rooms,
  peer: Peer,
  target: Peer,
  frame: Buffer,
  id: string | undefined,
  sent?: () => void,
): void {
  forward(rooms, peer, target, frame, { id }).then(sent, () => outOfReach(peer, target.id, id));
}

/** For the operator, never for another peer. */
function report(rooms: Rooms, peer: Peer, message: Decoded): void {
  const { bytes, start, end } = message;
  const said = readReport(bytes.toString('utf8', start, end));
  if (!said) {
    const text = '"report" needs "data" with an "event": connected, failed, restarted or closed.';
    return complain(peer, ErrorCode.InvalidMessage, text, message.id);
  }
  const { tally, calls } = rooms;
  count(tally.calls, said.event);
  if (said.event === 'connected' && said.ms !== undefined)
    tally.observeConnected?.(said.ms / 1000, said.path ?? 'unknown');
  calls?.report(peer, message.to, peer.room.peers.get(message.to), said, Date.now());
}

function remove(rooms: Rooms, peer: Peer, message: Decoded): void {
  if (!peer.permit?.host) {
    return complain(peer, ErrorCode.Forbidden, 'Only a host may remove a peer.', message.id);
  }
  const target = peer.room.peers.get(message.to);
  if (!target) return unreachable(peer, message.to, message.id);
  dismiss(rooms, peer.room.id, target.entry).catch(() => outOfReach(peer, message.to, message.id));
}
