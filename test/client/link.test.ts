import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Emitter } from '../../client/src/emitter.ts';
import { type Call, type CallOptions, createCall, type Room, RoomError } from '../../client/src/index.ts';
import type { RoomEvents, RoomPeer } from '../../client/src/types.ts';
import { FakePeerConnection, FakeStream, FakeTrack } from './fake-peer-connection.ts';

interface Sent {
  type: string;
  [field: string]: unknown;
}

/** A room whose one other peer the test plays. */
class FakeRoom extends Emitter<RoomEvents> {
  status = 'connected';
  iceServers = [];
  readonly arrivals: RoomEvents['peer-joined'][];
  readonly peerId: string;
  readonly peer: RoomPeer;
  /** What the call said to the other one, description and candidates alike. */
  readonly sent: Sent[] = [];
  readonly reports: Record<string, unknown>[] = [];

  constructor(peerId: string, id: string, dialect: 'v1' | 'plain', offer: boolean) {
    super();
    this.peerId = peerId;
    this.peer = { id, session: 's', dialect, status: 'here', state: {} };
    this.arrivals = [{ peer: this.peer, offer }];
  }

  async send(_to: string, type: string, data: object): Promise<void> {
    this.sent.push({ type, ...data });
  }

  report(_to: string, data: Record<string, unknown>): void {
    this.reports.push(data);
  }

  /** The other one says something. */
  hear(type: 'offer' | 'answer' | 'ice', data: object): void {
    this.emit('signal', { type, from: this.peer, data });
  }

  override emit<E extends keyof RoomEvents>(event: E, value: RoomEvents[E]): void {
    super.emit(event, value);
  }
}

/** The number of the other side's link. */
const THEIRS = 77;

beforeEach(() => {
  FakePeerConnection.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
  vi.stubGlobal('MediaStream', FakeStream);
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

const settle = () => vi.advanceTimersByTimeAsync(0);

/** A call of `a`, or of `z`, with `m`. Who comes first in the alphabet does not give way. */
async function begin(peerId: 'a' | 'z', options: CallOptions & { dialect?: 'plain'; offer?: boolean } = {}) {
  const { dialect = 'v1', offer = true, ...rest } = options;
  const room = new FakeRoom(peerId, 'm', dialect, offer);
  const call = createCall(room as unknown as Room, rest);
  const errors: string[] = [];
  call.on('error', ({ error }) => errors.push(error.message));
  await settle();
  const pc = FakePeerConnection.all.at(-1)!;
  /** The number of this side's link. */
  const own = () => room.sent.at(-1)!.link as number;
  return { room, call, errors, pc, own };
}

/** The other side answers the offer of this one. */
async function answer({ room, own }: { room: FakeRoom; own(): number }, sdp = 'their answer'): Promise<void> {
  room.hear('answer', { sdp, link: THEIRS, peerLink: own() });
  await settle();
}

const send = (call: Call, track: FakeTrack) => call.addTrack(track as unknown as MediaStreamTrack);

test('of two offers that meet, the one of who does not give way stands; candidates of the other are no errors', async () => {
  const it = await begin('a');
  const { room, pc, errors } = it;
  expect(room.sent).toMatchObject([{ type: 'offer', sdp: 'own 1' }]);
  const link = it.own();
  room.hear('offer', { sdp: 'their offer', link: THEIRS });
  room.hear('ice', { candidate: 'their offer:1', link: THEIRS });
  await settle();
  expect(pc.signalingState).toBe('have-local-offer');
  room.hear('answer', { sdp: 'their answer', link: THEIRS, peerLink: link });
  room.hear('ice', { candidate: 'their answer:1', link: THEIRS, peerLink: link });
  await settle();
  expect(pc.candidates).toEqual(['their answer:1']);
  // Also when the connection is up, where a candidate has a description to be measured against.
  pc.need();
  await settle();
  room.hear('offer', { sdp: 'another', link: THEIRS, peerLink: link });
  room.hear('ice', { candidate: 'another:1', link: THEIRS, peerLink: link });
  await answer(it, 'their second answer');
  room.hear('ice', { candidate: 'their second answer:1', link: THEIRS, peerLink: link });
  await settle();
  expect(pc.candidates).toEqual(['their answer:1', 'their second answer:1']);
  expect(room.sent.map(({ type }) => type)).toEqual(['offer', 'offer']);
  expect(errors).toEqual([]);
});

test('who gives way takes its own offer back, answers the other one, and offers again what that left open', async () => {
  const { room, pc, errors } = await begin('z');
  expect(pc.signalingState).toBe('have-local-offer');
  room.hear('offer', { sdp: 'their offer', link: THEIRS });
  room.hear('ice', { candidate: 'their offer:1', link: THEIRS });
  await settle();
  // Not before it has a candidate of its own, or will have none.
  expect(room.sent.map(({ type }) => type)).toEqual(['offer']);
  pc.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: null }));
  await settle();
  expect(room.sent.map(({ type, peerLink }) => [type, peerLink])).toEqual([
    ['offer', undefined],
    ['answer', THEIRS],
  ]);
  expect(pc.candidates).toEqual(['their offer:1']);
  expect(errors).toEqual([]);
});

test('who came later makes no offer before it got one', async () => {
  const { room, pc, call } = await begin('a', { offer: false });
  send(call, new FakeTrack('video'));
  await settle();
  expect(room.sent).toEqual([]);
  room.hear('offer', { sdp: 'their offer', link: THEIRS });
  await settle();
  pc.need(); // the browser asks again for what the answer left open
  await settle();
  expect(room.sent.map(({ type }) => type)).toEqual(['answer', 'offer']);
});

test('candidates that come before the description wait for it, and are added in order', async () => {
  const { room, pc, errors } = await begin('a', { dialect: 'plain' });
  for (const n of [1, 2, 3]) room.hear('ice', { candidate: `their answer:${n}` });
  await settle();
  expect(pc.candidates).toEqual([]);
  room.hear('answer', { sdp: 'their answer' });
  room.hear('ice', { candidate: 'their answer:4' });
  await settle();
  expect(pc.candidates).toEqual([1, 2, 3, 4].map((n) => `their answer:${n}`));
  expect(errors).toEqual([]);
});

test('what can not be made use of is an error, and the call goes on', async () => {
  const { room, pc, errors } = await begin('a', { dialect: 'plain' });
  for (const data of [null, 'text', 7]) room.hear('ice', data as unknown as object);
  room.hear('answer', { sdp: 'their answer' });
  room.hear('answer', { sdp: 'their answer' });
  room.hear('ice', { candidate: 'nonsense' });
  room.hear('ice', { candidate: 'their answer:1' });
  await settle();
  expect(errors).toEqual(['an answer in stable', 'nonsense is of no known description']);
  expect(pc.candidates).toEqual(['their answer:1']);
});

test('an offer that the server refused is an error; that a peer has left is none', async () => {
  const { room, call, errors } = await begin('a');
  room.send = () => Promise.reject(new RoomError('rejected', 'too long', 'invalid-message'));
  send(call, new FakeTrack('video'));
  await answer({ room, own: () => room.sent[0]!.link as number });
  FakePeerConnection.all[0]!.need();
  await settle();
  room.send = () => Promise.reject(new RoomError('peer-left', 'gone'));
  FakePeerConnection.all[0]!.turn('failed');
  await settle();
  expect(errors).toEqual(['too long']);
});

test('other paths are looked for at once after a failure, and after 5 s without a connection', async () => {
  const it = await begin('a');
  const { pc, room } = it;
  await answer(it);
  pc.turn('connected');
  pc.turn('failed');
  expect(pc.restarts).toBe(1);
  await settle();
  expect(room.sent.filter(({ type }) => type === 'offer')).toHaveLength(2);
  await answer(it);
  pc.turn('disconnected');
  await vi.advanceTimersByTimeAsync(4999);
  pc.turn('connected');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pc.restarts).toBe(1);
  pc.turn('disconnected');
  await vi.advanceTimersByTimeAsync(5000);
  expect(pc.restarts).toBe(2);
  pc.turn('disconnected');
  it.call.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pc.restarts).toBe(2);
});

test('signals of, or for, a connection that is gone are dropped', async () => {
  const it = await begin('a');
  const { room, pc, errors } = it;
  await answer(it);
  const link = it.own();
  room.hear('ice', { candidate: 'their answer:1', link: THEIRS - 1, peerLink: link });
  room.hear('offer', { sdp: 'of an older one', link: THEIRS - 1 });
  room.hear('offer', { sdp: 'to an older one', link: THEIRS, peerLink: link - 1 });
  room.hear('ice', { hangup: true, link: THEIRS - 1, peerLink: link - 1 });
  await settle();
  expect(pc.candidates).toEqual([]);
  expect(pc.signalingState).toBe('stable');
  expect(room.sent).toHaveLength(1);
  room.hear('ice', { hangup: true, link: THEIRS, peerLink: link });
  expect(pc.signalingState).toBe('closed');
  expect(it.call.connections.size).toBe(0);
  room.hear('ice', { candidate: 'their answer:2', link: THEIRS, peerLink: link });
  room.hear('offer', { sdp: 'their new offer', link: THEIRS + 1 });
  await settle();
  expect(it.call.connections.size).toBe(1);
  expect(room.sent.at(-1)).toMatchObject({ type: 'answer', peerLink: THEIRS + 1 });
  expect(errors).toEqual([]);
});

test('a plain peer is sent an offer again after a reconnect, a v1 peer is not, as the room does that', async () => {
  for (const [dialect, offers] of [
    ['plain', 2],
    ['v1', 1],
  ] as const) {
    const { room } = await begin('a', dialect === 'plain' ? { dialect } : {});
    room.emit('status', 'connected');
    await settle();
    expect(room.sent).toHaveLength(offers);
    const fields = dialect === 'plain' ? ['type', 'sdp'] : ['type', 'sdp', 'link', 'peerLink'];
    expect(Object.keys(room.sent[0]!)).toEqual(fields);
  }
});

test('a track that a sender does not take, as its form is another one, is sent on a line of its own', async () => {
  const it = await begin('a');
  const { call, pc, errors } = it;
  const [camera, odd] = [new FakeTrack('video'), Object.assign(new FakeTrack('video'), { isOdd: true })];
  send(call, camera);
  await call.replaceTrack(camera as unknown as MediaStreamTrack, odd as unknown as MediaStreamTrack);
  expect(pc.getSenders().map(({ track }) => track)).toEqual([null, null, null, odd]);
  call.removeTrack(odd as unknown as MediaStreamTrack);
  expect(pc.getSenders().every(({ track }) => track === null)).toBe(true);
  expect(errors).toEqual([]);
});

test('a track removed while it takes the place of another one is not sent', async () => {
  const { call, pc } = await begin('a');
  const [camera, screen] = [new FakeTrack('video'), new FakeTrack('video')];
  send(call, camera);
  const replaced = call.replaceTrack(
    camera as unknown as MediaStreamTrack,
    screen as unknown as MediaStreamTrack,
  );
  pc.getSenders().at(-1)!.track = null;
  call.removeTrack(screen as unknown as MediaStreamTrack);
  pc.getSenders().at(-1)!.track = screen; // as browsers do it, a moment later
  await replaced;
  expect(pc.getSenders().every(({ track }) => track === null)).toBe(true);
});

test('a track on a line that the other side has stopped is sent on another one', async () => {
  const it = await begin('z');
  const { call, pc } = it;
  const camera = new FakeTrack('video');
  send(call, camera);
  await answer(it);
  const [line] = pc.transceivers.filter(({ sender }) => sender.track === camera);
  line!.direction = 'stopped';
  it.room.hear('offer', { sdp: 'without that line', link: THEIRS });
  await settle();
  expect(
    pc.transceivers.filter(({ sender, direction }) => sender.track === camera && direction !== 'stopped'),
  ).toHaveLength(1);
});

test('reports say how long it took, by which path, with which candidates, and what stood in the way', async () => {
  const it = await begin('a', {});
  const { pc, room, call } = it;
  const gather = (type: string) =>
    pc.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: { type } }));
  for (const type of ['host', 'host', 'srflx', 'relay']) gather(type);
  pc.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: null }));
  pc.stats = new Map<string, object>([
    ['t', { type: 'transport', selectedCandidatePairId: 'p' }],
    [
      'q',
      {
        type: 'candidate-pair',
        nominated: true,
        state: 'succeeded',
        localCandidateId: 'l',
        remoteCandidateId: 'l',
      },
    ],
    ['p', { type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' }],
    ['l', { candidateType: 'srflx' }],
    ['r', { candidateType: 'relay' }],
  ]);
  await vi.advanceTimersByTimeAsync(840);
  pc.turn('connected');
  await settle();
  pc.turn('disconnected');
  pc.turn('connected'); // it only stuttered
  await vi.advanceTimersByTimeAsync(1000);
  const url = 'turn:turn.example.com';
  pc.dispatchEvent(
    Object.assign(new Event('icecandidateerror'), { errorCode: 401, errorText: 'Unauthorized', url }),
  );
  pc.turn('failed');
  gather('host');
  // Firefox has no transport with the pair in use.
  pc.stats.delete('t');
  await vi.advanceTimersByTimeAsync(300);
  pc.turn('connected');
  await settle();
  call.close();
  await settle();
  const candidates = { host: 2, srflx: 1, relay: 1 };
  const reason = '401 Unauthorized turn:turn.example.com';
  const after = { host: 1, srflx: 0, relay: 0 };
  expect(room.reports).toEqual([
    { event: 'connected', ms: 840, path: 'relay', candidates, reason: undefined },
    { event: 'failed', ms: 1840, path: 'relay', candidates, reason },
    { event: 'restarted', ms: 1840, path: 'relay', candidates, reason: 'failed' },
    { event: 'connected', ms: 300, path: 'srflx', candidates: after, reason: undefined },
    { event: 'closed', ms: 300, path: 'srflx', candidates: after, reason: 'this side hung up' },
  ]);
});

test('without any path and any word of a server a failure says so; nothing is reported if that is unwanted', async () => {
  for (const report of [true, false]) {
    const { pc, room } = await begin('a', { report });
    pc.getStats = () => Promise.reject(new Error('none'));
    pc.turn('failed');
    await settle();
    room.emit('peer-left', room.peer);
    await settle();
    expect(room.reports.map(({ event, path, reason }) => [event, path, reason])).toEqual(
      report
        ? [
            ['failed', undefined, 'no pair of candidates works'],
            ['restarted', undefined, 'failed'],
            ['closed', undefined, 'the peer left'],
          ]
        : [],
    );
  }
});

test('a call on a closed room, or with an aborted signal, has no connections', async () => {
  const room = new FakeRoom('a', 'm', 'v1', true);
  expect(createCall(room as unknown as Room, { signal: AbortSignal.abort() }).connections.size).toBe(0);
  const second = createCall(room as unknown as Room);
  expect(second.connections.size).toBe(1);
  expect(() => createCall(room as unknown as Room)).toThrow('close it first');
  room.emit('closed', undefined);
  expect(second.connections.size).toBe(0);
  room.status = 'closed';
  expect(createCall(room as unknown as Room).connections.size).toBe(0);
});
