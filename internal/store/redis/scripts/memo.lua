-- Stores a memo if nobody else changed it since it was read, and sweeps what has expired.
-- KEYS  1 memos of a kind  2 the same by expiry
-- ARGV  1 key  2 version  3 nonce of this call  4 expires (us)  5 body  6 memos at most  7 swept at
--       most
-- returns 1 when stored (also by an earlier try of this call), 0 when the version is stale, -1 when
--       there is no room
--
-- A memo is its version, when it expires, the call that stored it and the body, with spaces between.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local memos, age, key, version, last = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])

local have, expires, nonce = string.match(redis.call('HGET', memos, key) or '', '^(%d+) (%-?%d+) (%S+) ')
if nonce == ARGV[3] then return 1 end
if not have or tonumber(expires) <= now then have = 0 end
if tonumber(have) ~= version - 1 then return 0 end

local old = redis.call('ZRANGEBYSCORE', age, '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[7])
if #old > 0 then
  redis.call('HDEL', memos, unpack(old))
  redis.call('ZREM', age, unpack(old))
end
if redis.call('HEXISTS', memos, key) == 0 and redis.call('HLEN', memos) >= tonumber(ARGV[6]) then return -1 end

redis.call('HSET', memos, key, ARGV[2] .. ' ' .. ARGV[4] .. ' ' .. ARGV[3] .. ' ' .. ARGV[5])
redis.call('ZADD', age, ARGV[4], key)
local left = math.max(math.ceil((last - now) / 1000), 60000) -- a minute, so that a call can be repeated
for _, k in ipairs(KEYS) do
  if redis.call('PTTL', k) < left then redis.call('PEXPIRE', k, string.format('%.0f', left)) end
end
return 1
