-- Stores outcomes of claimed entries. An entry that has ended, or that another holds now, is left
-- as it is.
-- KEYS  1 queue  2 attempts  3 dead letters  4 dead letters by age  5... for each outcome: marks,
--       record
-- ARGV  1 consumer group  2 consumer  3 idle time of a freed entry (ms)  4 answers kept
--       5 dead letters kept  6 nonce of this call  7... for each outcome: entry, fence, what (end,
--       clear, dead, retry or free), dedupe key, name in marks, keep mark (ms), time done (us),
--       answer, dead letter, name of the dead letter
-- returns how many dead letters were dropped to keep their bound

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local queue, attempts, dead, deadAge = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, consumer = ARGV[1], ARGV[2]

local function ours(entry, fence)
  local p = redis.pcall('XPENDING', queue, group, entry, entry, 1)
  if p.err then return nil, p end
  return p[1] and p[1][2] == consumer and p[1][4] == tonumber(fence)
end

-- mark ends a pending mark, if it is still this action's: it is kept for a while, with the time done,
-- or not at all.
local function mark(marks, key, name, keep, done)
  local have = redis.call('HGET', marks, key)
  local whose, decided = string.match(have or '', '^(%S+) (%-?%d+) %d+$')
  if whose ~= name then return end
  if keep == 0 then
    redis.call('HDEL', marks, key)
    return
  end
  redis.call('HSET', marks, key, whose .. ' ' .. done .. ' ' .. decided .. ' ' .. string.format('%.0f', now + keep))
  local last, all = now + keep, redis.call('HGETALL', marks)
  for i = 1, #all, 2 do
    local expires = tonumber(string.match(all[i + 1], ' (%d+)$') or '0')
    if expires > last then last = expires end
  end
  redis.call('PEXPIRE', marks, string.format('%.0f', last - now))
end

-- tried returns how many attempts failed, and the call that counted the last of them.
local function tried(entry)
  local count, nonce = string.match(redis.call('HGET', attempts, entry) or '0 -', '^(%d+) (%S+)$')
  return count, nonce
end

-- bury keeps a dead letter and returns how many older ones it drops. Lua can hand on some thousands
-- of names at a time.
local function bury(letter, name)
  local tries = tried(letter.entry)
  redis.call('HSET', dead, name, tries .. ' ' .. letter.text)
  redis.call('ZADD', deadAge, string.format('%.0f', now), name)
  local over = math.min(redis.call('ZCARD', deadAge) - tonumber(ARGV[5]), 1000)
  if over <= 0 then return 0 end
  redis.call('HDEL', dead, unpack(redis.call('ZRANGE', deadAge, 0, over - 1)))
  return redis.call('ZREMRANGEBYRANK', deadAge, 0, over - 1)
end

local function answer(record, text)
  if redis.call('HEXISTS', record, 'case') == 0 then return end -- let go of meanwhile
  local n = redis.call('HINCRBY', record, 'n', 1) - 1
  redis.call('HSET', record, 'a' .. (n % tonumber(ARGV[4])), text)
end

local dropped, k = 0, 5
for a = 7, #ARGV, 10 do
  local entry, what = ARGV[a], ARGV[a + 2]
  local held, err = ours(entry, ARGV[a + 1])
  local count, nonce = tried(entry)
  if err then
    if string.find(err.err, 'NOGROUP', 1, true) then return dropped end
    return err
  end
  -- An attempt that this very call has counted, and whose reply was lost, is not counted again.
  if held and not (what == 'retry' and nonce == ARGV[6]) then
    if ARGV[a + 7] ~= '' then answer(KEYS[k + 1], ARGV[a + 7]) end
    if what == 'retry' then
      redis.call('HSET', attempts, entry, string.format('%d %s', count + 1, ARGV[6]))
      redis.call('XCLAIM', queue, group, consumer, 0, entry, 'JUSTID')
    elseif what == 'free' then
      redis.call('XCLAIM', queue, group, consumer, 0, entry, 'IDLE', ARGV[3], 'JUSTID')
    else
      if what == 'dead' then dropped = dropped + bury({entry = entry, text = ARGV[a + 8]}, ARGV[a + 9]) end
      mark(KEYS[k], ARGV[a + 3], ARGV[a + 4], what == 'end' and tonumber(ARGV[a + 5]) or 0, ARGV[a + 6])
      redis.call('HDEL', attempts, entry)
      redis.call('XACK', queue, group, entry)
      redis.call('XDEL', queue, entry)
    end
  end
  k = k + 2
end
return dropped
