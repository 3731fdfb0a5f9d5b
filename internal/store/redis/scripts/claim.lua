-- Takes over queue entries whose claim ran out, oldest first.
-- KEYS  1 queue  2 attempts
-- ARGV  1 consumer group  2 consumer  3 idle (ms)  4 entries at most
-- returns for each entry: ID, action, deliveries, attempts

local out, cursor, left = {}, '0-0', tonumber(ARGV[4])
repeat
  local r = redis.pcall('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], cursor, 'COUNT', left)
  if r.err then return r end
  cursor = r[1]
  for _, entry in ipairs(r[2]) do
    if entry and entry[2] then
      local p = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)
      out[#out + 1] = entry[1]
      out[#out + 1] = entry[2][2]
      out[#out + 1] = tostring(p[1] and p[1][4] or 1)
      out[#out + 1] = string.match(redis.call('HGET', KEYS[2], entry[1]) or '0', '^%d+')
      left = left - 1
    end
  end
until cursor == '0-0' or left <= 0
return out
