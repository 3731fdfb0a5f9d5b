-- Takes letters off a shelf: back into the queue, or for good.
-- KEYS  1 queue  2 letters  3 letters by age  4 what this call did  5... for each action: marks, record
-- ARGV  1 requeue or discard  2 answers kept  3 how long a pending mark holds (ms)  4 keep what this call
--       did (ms)  5 keep a member's marks (ms)  6 held or dead  7... for each action: name of the letter,
--       dedupe key, key while held, name in marks, time decided (us), before when an equal action must
--       have been done not to be in the way (us), action, answer, answer when it is deduplicated
-- returns how many were queued, or discarded
--
-- An action whose letter is gone is passed over. Of a call whose reply was lost, its own key says what
-- it did. An action that is queued has a pending mark.
--
-- The mark of a held action goes, whatever becomes of its letter. If it is about a member and has no
-- mark any more, the member came back or the action was forgotten: it is not queued. Versions before
-- left the mark of a held action under the dedupe key; there it has kept all others out.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local queue, letters, age, did = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local requeue, keepMark, held = ARGV[1] == 'requeue', tonumber(ARGV[3]), ARGV[6] == 'held'
local whole = '-9223372036854775808' -- the least time there is: of an action on a group as a whole

-- standing tells whether a mark keeps out another action: it is pending, or was done not long ago and
-- not before the event.
local function standing(mark, before)
  local expires = string.match(mark, ' (%d+)$')
  if not expires or tonumber(expires) <= now then return false end
  local done = string.match(mark, '^%S+ (%-?%d+) %-?%d+ %d+$')
  return not (done and tonumber(done) < tonumber(before))
end

-- settled tells by a field of a member's marks whether the member was let in again after the event.
local function settled(field, decided, before)
  local back, remembered = string.match(field or '', '^(%-?%d+) (%d+)$')
  return back and before ~= whole and tonumber(remembered) > now and tonumber(back) > tonumber(decided)
end

-- pending tells whether a mark is a pending one of this name.
local function pending(mark, name)
  local whose, expires = string.match(mark, '^(%S+) %-?%d+ (%d+)$')
  return whose == name and tonumber(expires) > now
end

-- keptOut lifts the mark of a held action, and tells whether the action is kept out of the queue.
local function keptOut(marks, key, heldKey, name, decided, before)
  local found = redis.call('HMGET', marks, key, heldKey, 'lifted', 'came')
  local mark, own = found[1] or '', found[2] or ''
  if held then
    local marked = pending(own, name)
    if string.match(own, '^%S+') == name then
      redis.call('HDEL', marks, heldKey)
      own = ''
    end
    if pending(mark, name) then return false end -- of a version before
    if not marked and before ~= whole then return true end
  end
  return settled(found[3], decided, before) or settled(found[4], decided, before) or standing(mark, before) or standing(own, before)
end

-- unmark lifts the marks of an action.
local function unmark(marks, name, ...)
  for _, key in ipairs({...}) do
    if string.match(redis.call('HGET', marks, key) or '', '^%S+') == name then redis.call('HDEL', marks, key) end
  end
end

local function answer(record, text)
  if redis.call('HEXISTS', record, 'case') == 0 then return end -- let go of meanwhile
  local n = redis.call('HINCRBY', record, 'n', 1) - 1
  redis.call('HSET', record, 'a' .. (n % tonumber(ARGV[2])), text)
end

local before = redis.call('GET', did)
if before then return tonumber(before) end
local n, k = 0, 5
for a = 7, #ARGV, 9 do
  local marks, record, key, heldKey, name = KEYS[k], KEYS[k + 1], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3]
  if redis.call('HDEL', letters, ARGV[a]) == 1 then
    redis.call('ZREM', age, ARGV[a])
    if requeue and keptOut(marks, key, heldKey, name, ARGV[a + 4], ARGV[a + 5]) then
      answer(record, ARGV[a + 8])
    else
      if requeue then
        redis.call('XADD', queue, '*', 'a', ARGV[a + 6])
        redis.call('HSET', marks, key, name .. ' ' .. ARGV[a + 4] .. ' ' .. string.format('%.0f', now + keepMark))
        redis.call('PEXPIRE', marks, ARGV[5])
      else
        unmark(marks, name, key, heldKey)
      end
      answer(record, ARGV[a + 7])
      n = n + 1
    end
  end
  k = k + 2
end
redis.call('SET', did, n, 'PX', ARGV[4])
return n
