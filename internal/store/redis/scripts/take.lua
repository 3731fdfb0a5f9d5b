-- Takes one call from a rate (GCRA), by the clock of Redis, which all replicas share.
-- KEYS  1 when the next call is due
-- ARGV  1 interval  2 slack; all times are microseconds
-- returns 0 when the call is granted, else how long to wait

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
local interval, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
local early = due - now
-- One clock never gets further ahead than this: a failover went to a server whose clock is behind.
if early > slack + interval + 1000000 then due, early = now + interval + slack, interval + slack end
if early > slack then
  redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil(early / 1000) + 1000)
  return early - slack
end
due = math.max(due, now) + interval
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
return 0
