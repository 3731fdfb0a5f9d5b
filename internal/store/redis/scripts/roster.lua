-- Replaces a group's roster if nobody else did since it was read.
-- KEYS  1 roster
-- ARGV  1 version  2 nonce of this call  3 members  4 keep (ms)
-- returns 1 when stored (also by an earlier try of this call), 0 when the version is stale

local have = redis.call('HMGET', KEYS[1], 'version', 'nonce')
if have[1] == ARGV[1] and have[2] == ARGV[2] then return 1 end
if tonumber(have[1] or '0') ~= tonumber(ARGV[1]) - 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'nonce', ARGV[2], 'members', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
