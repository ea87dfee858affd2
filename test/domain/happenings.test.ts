import { expect, test } from 'vitest';
import { CANARY_PREFIX } from '../../src/protocol/ids.ts';
import { FakeConnection, fakeRooms } from './fake-connection.ts';

test('a witness hears nothing of canaries, not even when the server stops', () => {
  const rooms = fakeRooms();
  const heard: string[] = [];
  rooms.happenings.witness = ({ type, room }) => heard.push(`${type} ${room}`);
  for (const room of ['r', `${CANARY_PREFIX}1`]) rooms.open(new FakeConnection(), room, 'a');
  expect(heard).toEqual(['room.started r', 'peer.joined r']);
  rooms.endAll();
  expect(heard.slice(2)).toEqual(['peer.left r', 'room.ended r']);
});
