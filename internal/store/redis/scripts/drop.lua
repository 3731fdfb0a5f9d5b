-- Removes a memo that nobody changed since it was read.
-- KEYS  1 memos of a kind  2 the same by expiry
-- ARGV  1 key  2 version
-- returns 1 when it was removed, else 0

if string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^%d+') ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
