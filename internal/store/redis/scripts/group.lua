-- Makes a partition's consumer group, from the first entry on: what is in the stream was accepted.
-- KEYS  1 queue  2 attempts
-- ARGV  1 consumer group
-- returns 1 when the group was made, 0 when it was there

local r = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if r.err then
  if string.find(r.err, 'BUSYGROUP', 1, true) then return 0 end
  return r
end
redis.call('DEL', KEYS[2])
return 1
