-- Adds a group to those of its account, up to a bound.
-- KEYS  1 groups
-- ARGV  1 group  2 groups at most  3 keep (ms)
-- returns 1 when the group is known now, 0 when there is no room

if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then
  if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
  redis.call('SADD', KEYS[1], ARGV[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
