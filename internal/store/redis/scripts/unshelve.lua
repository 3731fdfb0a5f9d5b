-- Takes letters off a shelf: back into the queue, or for good.
-- KEYS  1 queue  2 letters  3 letters by age  4 what this call did  5... for each action: marks, record
-- ARGV  1 requeue or discard  2 answers kept  3 keep pending marks (ms)  4 keep what this call did
--       (ms)  5... for each action: name of the letter, dedupe key, name in marks, time decided (us),
--       before when an equal action must have been done not to be in the way (us), action, answer,
--       answer when it is deduplicated
-- returns how many were queued, or discarded
--
-- An action whose letter is gone is passed over. Of a call whose reply was lost, its own key says what
-- it did. An action that is queued has a pending mark, be it the one that it had while it was held.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local queue, letters, age, did = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local requeue, keepMark = ARGV[1] == 'requeue', tonumber(ARGV[3])
local whole = '-9223372036854775808' -- the least time there is: of an action on a group as a whole

-- inTheWay tells whether an action is kept out: by another one's mark that is pending, or was done not
-- long ago and not before the event; or because the member was let in again after the event.
local function inTheWay(mark, lifted, name, decided, before)
  local back, remembered = string.match(lifted or '', '^(%-?%d+) (%d+)$')
  if back and before ~= whole and tonumber(remembered) > now and tonumber(back) > tonumber(decided) then return true end
  local whose, expires = string.match(mark, '^%S+'), string.match(mark, ' (%d+)$')
  if whose == name or not expires or tonumber(expires) <= now then return false end
  local done = string.match(mark, '^%S+ (%-?%d+) %-?%d+ %d+$')
  return not (done and tonumber(done) < tonumber(before))
end

local function answer(record, text)
  if redis.call('HEXISTS', record, 'case') == 0 then return end -- let go of meanwhile
  local n = redis.call('HINCRBY', record, 'n', 1) - 1
  redis.call('HSET', record, 'a' .. (n % tonumber(ARGV[2])), text)
end

local before = redis.call('GET', did)
if before then return tonumber(before) end
local n, k = 0, 5
for a = 5, #ARGV, 8 do
  local marks, record, key, name = KEYS[k], KEYS[k + 1], ARGV[a + 1], ARGV[a + 2]
  if redis.call('HDEL', letters, ARGV[a]) == 1 then
    redis.call('ZREM', age, ARGV[a])
    local found = redis.call('HMGET', marks, key, 'lifted')
    local mark = found[1] or ''
    if requeue and inTheWay(mark, found[2], name, ARGV[a + 3], ARGV[a + 4]) then
      answer(record, ARGV[a + 7])
    else
      if requeue then
        redis.call('XADD', queue, '*', 'a', ARGV[a + 5])
        redis.call('HSET', marks, key, name .. ' ' .. ARGV[a + 3] .. ' ' .. string.format('%.0f', now + keepMark))
        redis.call('PEXPIRE', marks, keepMark)
      elseif string.match(mark, '^%S+') == name then
        redis.call('HDEL', marks, key)
      end
      answer(record, ARGV[a + 6])
      n = n + 1
    end
  end
  k = k + 2
end
redis.call('SET', did, n, 'PX', ARGV[4])
return n
