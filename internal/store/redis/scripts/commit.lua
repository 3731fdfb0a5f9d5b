-- Stores cases and queues their actions. A case that is known already is left as it is.
-- KEYS  1 queue  2 records by age  3... for each case: record, and the dedupe marks of each of its
--       actions
-- ARGV  1 prefix of records  2 keep records (ms)  3 records at most  4 keep what is known of a case
--       (ms)  5 keep pending marks (ms)  6 answers kept  7... for each case: nonce, name in the index,
--       case, number of actions; for each action: name in marks, dedupe key, time decided (us),
--       action, answer when it is deduplicated
-- returns for each case: - when it was known, else one digit for each action: 1 queued, 0 deduplicated
--
-- A record says what became of the case and in which call. A case that was stored by this very call,
-- whose reply was lost, is answered as it was then. Touching the record makes a write of a repeated
-- case too, so that WAIT vouches for the first one.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local queue, index = KEYS[1], KEYS[2]
local keepRecords, maxRecords = tonumber(ARGV[2]), tonumber(ARGV[3])
local keepKnown, keepMark, answers = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

local function int(n) return string.format('%.0f', n) end

-- taken tells whether a mark keeps another action out.
local function taken(marks, key)
  local mark = redis.call('HGET', marks, key)
  if not mark then return false end
  local expires = tonumber(string.match(mark, ' (%d+)$') or '0')
  return expires > now
end

local function enqueue(marks, id, key, decided, action)
  if taken(marks, key) then return '0' end
  redis.call('XADD', queue, '*', 'a', action)
  redis.call('HSET', marks, key, id .. ' ' .. decided .. ' ' .. int(now + keepMark))
  redis.call('PEXPIRE', marks, keepMark)
  return '1'
end

local out, k, a = {}, 3, 7
while a <= #ARGV do
  local nonce, name, case, n = ARGV[a], ARGV[a + 1], ARGV[a + 2], tonumber(ARGV[a + 3])
  local record = KEYS[k]
  k, a = k + 1, a + 4
  local before = redis.call('HGET', record, 'what')
  if before then
    local whose, what = string.match(before, '^(%S+) (%S*)$')
    out[#out + 1] = whose == nonce and what or '-'
  else
    local what, dropped = '', {}
    for i = 0, n - 1 do
      local b = a + 5 * i
      local queued = enqueue(KEYS[k + i], ARGV[b], ARGV[b + 1], ARGV[b + 2], ARGV[b + 3])
      if queued == '0' then dropped[#dropped + 1] = ARGV[b + 4] end
      what = what .. queued
    end
    redis.call('HSET', record, 'what', nonce .. ' ' .. what, 'at', int(now), 'case', case)
    for i, answer in ipairs(dropped) do
      redis.call('HSET', record, 'n', i, 'a' .. ((i - 1) % answers), answer)
    end
    redis.call('ZADD', index, int(now), name)
    out[#out + 1] = what
  end
  redis.call('PEXPIRE', record, keepKnown)
  k, a = k + n, a + 5 * n
end

-- The bound comes last and may fail: in the middle of a slot's move, a key that is not named in KEYS
-- can be out of reach, and the cases above are stored all the same. What went stays known.
local over = math.max(redis.call('ZCARD', index) - maxRecords,
  redis.call('ZCOUNT', index, '-inf', int(now - keepRecords)))
if over > 0 then
  local fields = {'case', 'n'}
  for i = 0, answers - 1 do fields[#fields + 1] = 'a' .. i end
  for _, name in ipairs(redis.call('ZRANGE', index, 0, over - 1)) do
    redis.pcall('HDEL', ARGV[1] .. string.match(name, '^%S+'), unpack(fields))
  end
  redis.call('ZREMRANGEBYRANK', index, 0, over - 1)
end
if #out > 0 then redis.call('PEXPIRE', index, keepKnown) end
return out
