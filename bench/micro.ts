/** How long the pieces of the message path take, each alone. `npm run bench:micro`; runs in seconds. */
import { isUtf8 } from 'node:buffer';
import { textFrame } from '../routes/text-frame.ts';
import { decode, readAny } from '../src/protocol/decode.ts';
import { address, relay, stamp } from '../src/rooms/frames.ts';

const ice = {
  candidate:
    'candidate:842163049 1 udp 1677729535 203.0.113.77 50010 typ srflx raddr 192.168.1.77 rport 50010',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: 'sXP5',
};
const sdp = 'a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n'.repeat(50);
const messages = {
  ice: { type: 'ice', room: 'room-1', from: 'peer-a', to: 'peer-b', data: ice },
  offer: { type: 'offer', room: 'room-1', from: 'peer-a', to: 'peer-b', data: { type: 'offer', sdp } },
};

/** The least time of one call in many short series, ns: what else goes on in the machine is not in it. */
function least(call: () => unknown): number {
  const CALLS = 1_000;
  let best = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + 400; performance.now() < end; ) {
    const before = process.hrtime.bigint();
    for (let n = 0; n < CALLS; n++) call();
    best = Math.min(best, Number(process.hrtime.bigint() - before) / CALLS);
  }
  return best;
}

const from = stamp('room-1', 'peer-a');
const to = address('peer-b');
for (const [kind, message] of Object.entries(messages)) {
  const text = JSON.stringify(message);
  const bytes = Buffer.from(text);
  const decoded = decode(bytes);
  if ('code' in decoded) throw new Error(decoded.message);
  const pieces: Record<string, () => unknown> = {
    'check UTF-8': () => isUtf8(bytes),
    decode: () => decode(bytes),
    'decode with JSON.parse': () => readAny(bytes, 'plain'),
    'stamp (the relayed text)': () => relay(kind as keyof typeof messages, from, to, decoded),
    'frame it': () => textFrame(bytes.subarray(0)),
    'for comparison: JSON.parse and stringify': () =>
      Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), room: 'room-1', from: 'peer-a' })),
  };
  console.log(`${kind}, ${bytes.length} bytes`);
  for (const [name, call] of Object.entries(pieces)) {
    console.log(`  ${name.padEnd(42)} ${least(call).toFixed(0).padStart(6)} ns`);
  }
}
