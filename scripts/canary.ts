import { parseArgs } from 'node:util';
import { hmacKey, signRoomToken } from '../src/auth/room-tokens.ts';
import { type CanaryOptions, canaryRoom, runCanary } from '../src/canary/canary.ts';

const USAGE =
  'usage: npm run --silent canary -- --url wss://HOST [--secret SECRET | --token A --token B], or with JWT_SECRET set';

try {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      secret: { type: 'string', default: process.env.JWT_SECRET ?? '' },
      token: { type: 'string', multiple: true, default: [] },
    },
  });
  const { url = '', secret, token } = values;
  if (!/^wss?:\/\/./.test(url) || !URL.canParse(url)) throw new Error(USAGE);
  const { steps, failed } = await runCanary({ url, ...(await identity(secret, token)) });
  for (const { step, seconds } of steps) console.log(`${step.padEnd(10)} ${(seconds * 1000).toFixed(1)} ms`);
  if (failed) throw new Error(`failed at ${failed.step}: ${failed.reason}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** Who the two peers are: those of the tokens that were given, or two in a room of their own. */
async function identity(secret: string, tokens: string[]): Promise<Omit<CanaryOptions, 'url'>> {
  if (tokens.length > 0) return ofTokens(tokens);
  const room = canaryRoom();
  if (!secret) return { room };
  const key = await hmacKey(secret);
  return { room, tokenFor: (peer) => signRoomToken(room, peer, key) };
}

function ofTokens(tokens: string[]): Omit<CanaryOptions, 'url'> {
  const [a, b, ...more] = tokens.map(claimsOf);
  if (!a || !b || more.length > 0 || a.room !== b.room || a.sub === b.sub)
    throw new Error('--token: two are wanted, for two peers of one room');
  return { room: a.room, peers: [a.sub, b.sub], tokenFor: async (peer) => tokens[peer === a.sub ? 0 : 1] };
}

function claimsOf(token: string): { room: string; sub: string } {
  try {
    const { room, sub } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    if (typeof room === 'string' && typeof sub === 'string') return { room, sub };
  } catch {}
  throw new Error('--token: that is no room token');
}
