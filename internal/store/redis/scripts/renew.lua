-- Keeps claims from running out, where they are still held.
-- KEYS  1 queue
-- ARGV  1 consumer group  2 consumer  3... for each claim: entry, fence (its number of deliveries)
-- returns how many were renewed

local n = 0
for i = 3, #ARGV, 2 do
  local p = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)
  if p.err then
    if string.find(p.err, 'NOGROUP', 1, true) then return n end
    return p
  end
  if p[1] and p[1][2] == ARGV[2] and p[1][4] == tonumber(ARGV[i + 1]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    n = n + 1
  end
end
return n
