-- Lifts dedupe marks that are of certain actions: pending, held or done.
-- KEYS  marks, for each action
-- ARGV  for each action: dedupe key, key while held, name in marks
-- returns how many were lifted

local n = 0
for i, marks in ipairs(KEYS) do
  for _, key in ipairs({ARGV[3 * i - 2], ARGV[3 * i - 1]}) do
    if string.match(redis.call('HGET', marks, key) or '', '^%S+') == ARGV[3 * i] then
      n = n + redis.call('HDEL', marks, key)
    end
  end
end
return n
