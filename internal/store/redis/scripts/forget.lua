-- Lifts dedupe marks that are of certain actions, pending or done.
-- KEYS  marks, for each action
-- ARGV  for each action: dedupe key, name in marks
-- returns how many were lifted

local n = 0
for i, marks in ipairs(KEYS) do
  local key, name = ARGV[2 * i - 1], ARGV[2 * i]
  if string.match(redis.call('HGET', marks, key) or '', '^%S+') == name then
    n = n + redis.call('HDEL', marks, key)
  end
end
return n
