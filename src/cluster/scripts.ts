import { createHash } from 'node:crypto';

/** A script that Redis runs as one step (https://redis.io/docs/latest/develop/programmability/eval-intro/). */
export interface Script {
  text: string;
  sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/*
 * Each can be run twice with the same arguments and does its work once: whether a command went through is not
 * known when the connection breaks, so it is sent again.
 *
 * A room is a hash: `#v` its version, `#b` its life, `#c` when it began, `#i` the instances in it, and `p<id>`
 * the entry of each peer.
 */

/** KEYS: the room. ARGV: version, new version, life, beginning, instances, then field and value (empty: none). */
export const COMMIT = script(`
local version = redis.call('HGET', KEYS[1], '#v') or ''
if version == ARGV[2] then return 1 end
if version ~= ARGV[1] then return redis.call('HGETALL', KEYS[1]) end
if ARGV[5] == '' then redis.call('DEL', KEYS[1]) return 1 end
for i = 6, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('HSET', KEYS[1], '#v', ARGV[2], '#b', ARGV[3], '#c', ARGV[4], '#i', ARGV[5])
return 1
`);

/*
 * A chat is a stream of the messages, each under its number, a hash from their names to their numbers, and a
 * hash with the last number, the name of the log and the bytes that are kept.
 */

/** Forgets the oldest messages until the limits are kept. KEYS, and so on: as in POST. */
const TRIM = `
local function trim(most, mostBytes)
  local bytes = tonumber(redis.call('HGET', KEYS[2], 'bytes') or '0')
  local length = redis.call('XLEN', KEYS[3])
  while length > most or (bytes > mostBytes and length > 0) do
    local oldest = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1)[1]
    redis.call('XDEL', KEYS[3], oldest[1])
    redis.call('HDEL', KEYS[4], oldest[2][2])
    bytes = bytes - #oldest[2][4]
    length = length - 1
  end
  redis.call('HSET', KEYS[2], 'bytes', bytes)
end
local function keep(seq, key, frame)
  if redis.pcall('XADD', KEYS[3], seq .. '-0', 'k', key, 'f', frame).err then
    redis.call('DEL', KEYS[3], KEYS[4])
    redis.call('HSET', KEYS[2], 'bytes', 0)
    redis.call('XADD', KEYS[3], seq .. '-0', 'k', key, 'f', frame)
  end
  redis.call('HSET', KEYS[4], key, seq)
  redis.call('HINCRBY', KEYS[2], 'bytes', #frame)
end
local function expire(seconds, longer)
  redis.call('EXPIRE', KEYS[2], longer)
  redis.call('EXPIRE', KEYS[3], seconds)
  redis.call('EXPIRE', KEYS[4], seconds)
end
`;

/**
 * KEYS: room, hash, stream, names. ARGV: name, head, tail, last known number, log, most, most bytes, seconds,
 * longer, instances, deadline (ms since 1970 by Redis' clock). Returns 0 after that: what waited in front of a
 * Redis that hung was given up long ago. Returns nothing, if one of the instances is not recorded in the room.
 */
export const POST = script(`${TRIM}
local instances = redis.call('HGET', KEYS[1], '#i') or ''
local known = redis.call('HGET', KEYS[4], ARGV[1])
if known then
  local message = redis.call('XRANGE', KEYS[3], known .. '-0', known .. '-0')[1]
  if message then return { known, message[2][4], instances } end
end
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[11]) then return 0 end
for instance in string.gmatch(ARGV[10], '[^,]+') do
  if not string.find(',' .. instances .. ',', ',' .. instance .. ',', 1, true) then return false end
end
local last = math.max(tonumber(redis.call('HGET', KEYS[2], 'seq') or '0'), tonumber(ARGV[4]))
local seq = string.format('%.0f', last + 1)
local frame = ARGV[2] .. seq .. ARGV[3]
redis.call('HSET', KEYS[2], 'seq', seq)
redis.call('HSETNX', KEYS[2], 'log', ARGV[5])
keep(seq, ARGV[1], frame)
trim(tonumber(ARGV[6]), tonumber(ARGV[7]))
expire(ARGV[8], ARGV[9])
return { seq, frame, instances }
`);

/** KEYS: as in POST. ARGV: the number after which. */
export const HISTORY = script(`
local log, seq = unpack(redis.call('HMGET', KEYS[2], 'log', 'seq'))
return { log or '', seq or '0', redis.call('XRANGE', KEYS[3], '(' .. ARGV[1] .. '-0', '+') }
`);

/**
 * Of two logs the one with the greater number is the older one. KEYS: as in POST. ARGV: log, last number, most,
 * most bytes, seconds, longer, then number, name and frame of each message.
 */
export const RESTORE = script(`${TRIM}
local last = tonumber(redis.call('HGET', KEYS[2], 'seq') or '0')
if redis.call('HSETNX', KEYS[2], 'log', ARGV[1]) == 1 then redis.call('EXPIRE', KEYS[2], ARGV[6]) end
if last >= tonumber(ARGV[2]) then return 0 end
for i = 7, #ARGV, 3 do
  if tonumber(ARGV[i]) > last then keep(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
end
redis.call('HSET', KEYS[2], 'seq', ARGV[2], 'log', ARGV[1])
trim(tonumber(ARGV[3]), tonumber(ARGV[4]))
expire(ARGV[5], ARGV[6])
return 1
`);

/**
 * An instance says that it is alive. KEYS: the hash of instances. ARGV: its name, its figures. Returns whether
 * it was known, the time, and when each was last heard, by Redis' own clock.
 */
export const BEAT = script(`
local known = redis.call('HEXISTS', KEYS[1], ARGV[1])
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
return { known, now, redis.call('HGETALL', KEYS[1]) }
`);

/** Reads an inbox on, and deletes it once nothing is left. KEYS: the inbox. ARGV: the entry that was read last. */
export const EMPTY = script(`
local entries = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 100)
if #entries == 0 then redis.call('DEL', KEYS[1]) end
return entries
`);
