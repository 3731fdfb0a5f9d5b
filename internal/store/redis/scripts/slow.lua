-- Slows a rate after a refusal: halves what is left of its pace, unless it was halved within the last
-- second, and lets no call through for a while.
-- KEYS  1 slowdown
-- ARGV  1 no call for (us)  2 nonce of this call
-- returns 0
--
-- A slowdown is the share of the pace, when it was set, until when no call is granted, and by which
-- call. The share comes back evenly, the whole of it within 60 seconds. The least is a 64th.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local recovers, once, least = 60000000, 1000000, 1 / 64

local share, at, till, nonce = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%d+) (%d+) (%S+)$')
if nonce == ARGV[2] then return 0 end
share, at, till = tonumber(share or '1'), tonumber(at or '0'), tonumber(till or '0')
if now - at >= once then
  local left = math.min(1, share + (now - at) / recovers)
  share, at = math.max(left / 2, least), now
end
till = math.max(till, now + tonumber(ARGV[1]))
local keep = math.ceil(math.max((1 - share) * recovers, till - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.9f %.0f %.0f %s', share, at, till, ARGV[2]), 'PX', string.format('%.0f', keep))
return 0
