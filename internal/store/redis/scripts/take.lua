-- Takes one call from a rate (GCRA), by the clock of Redis, which all replicas share.
-- KEYS  1 when the next call is due  2 slowdown, as slow.lua leaves it
-- ARGV  1 interval  2 slack; all times are microseconds
-- returns 0 when the call is granted, else how long to wait

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
local interval, slack, wait = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
local longest = interval

local slow = redis.call('GET', KEYS[2])
if slow then
  local share, at, till, nonce = string.match(slow, '^(%S+) (%d+) (%d+) (%S+)$')
  share, at, till = tonumber(share), tonumber(at), tonumber(till)
  if at > now + 1000000 then -- a failover went to a server whose clock is behind
    at, till = now, now + till - at
    redis.call('SET', KEYS[2], string.format('%.9f %.0f %.0f %s', share, at, till, nonce), 'KEEPTTL')
  end
  longest = interval * 64
  interval = math.ceil(interval / math.min(1, share + math.max(now - at, 0) / 60000000))
  wait = till - now
end

local early = due - now
-- One clock never gets further ahead than this: a failover went to a server whose clock is behind.
if early > slack + longest + 1000000 then due, early = now + interval + slack, interval + slack end
if early > slack then
  redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil(early / 1000) + 1000)
  return math.max(early - slack, wait)
end
if wait > 0 then return wait end
due = math.max(due, now) + interval
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
return 0
