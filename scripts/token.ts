import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRoomToken } from '../client/src/server.ts';
import { INSECURE_SECRET } from '../src/config.ts';

const USAGE = 'usage: npm run --silent token -- --room ROOM --peer PEER [--ttl 10m] [--host] [--name NAME]';
const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

// The same secret as the server's, from the same places.
if (existsSync('.env.local')) process.loadEnvFile('.env.local');

try {
  const { values } = parseArgs({
    options: {
      room: { type: 'string' },
      peer: { type: 'string' },
      ttl: { type: 'string', default: '10m' },
      host: { type: 'boolean', default: false },
      name: { type: 'string' },
    },
  });
  const [, count, unit] = /^(\d+)([smhd])$/.exec(values.ttl) ?? [];
  if (!values.room || !values.peer || !count || !unit) throw new Error(USAGE);
  const { room, peer: peerId, host, name } = values;
  const ttlSeconds = Number(count) * UNITS[unit]!;
  const secret = process.env.JWT_SECRET || INSECURE_SECRET;
  console.log(await createRoomToken({ room, peerId, ttlSeconds, host, name }, secret));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
