-- Deletes consumers that hold nothing and are gone: this one, or any that was silent for long.
-- Deleting a consumer that holds entries would lose them, so the test and the deletion are one.
-- KEYS  1 queue
-- ARGV  1 consumer group  2 consumer that leaves, or empty  3 silence (ms)
-- returns how many were deleted

local all = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if all.err then return 0 end
local n = 0
for _, flat in ipairs(all) do
  local c = {}
  for i = 1, #flat, 2 do c[flat[i]] = flat[i + 1] end
  if c.pending == 0 and (c.name == ARGV[2] or c.idle > tonumber(ARGV[3])) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], c.name)
    n = n + 1
  end
end
return n
