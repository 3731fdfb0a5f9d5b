-- Stores outcomes of claimed entries. An entry that has ended, or that another holds now, is left
-- as it is.
-- KEYS  1 queue  2 attempts  3 dead letters  4 dead letters by age  5 held letters  6 held letters by
--       age  7... for each outcome: marks, record
-- ARGV  1 consumer group  2 consumer  3 idle time of a freed entry (ms)  4 answers kept
--       5 letters kept on a shelf  6 nonce of this call  7 prefix of marks  8 keep marks of what is
--       held (ms)  9... for each outcome: entry, fence, what (end, clear, dead, held, retry or free),
--       dedupe key, key while held, name in marks, keep mark (ms), time done (us), answer, letter, name
--       of the letter
-- returns how many dead, and how many held letters were dropped to keep their bound
--
-- The shelves are ordered by the microsecond in which a letter came; those of one call follow each
-- other. The mark of a held action moves to a key of its own, where it is in the way of its own rule
-- only. It goes with the letter if that is dropped.

local time = redis.call('TIME')
local micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(micros / 1000)
local queue, attempts = KEYS[1], KEYS[2]
local group, consumer = ARGV[1], ARGV[2]
local shelves = {
  dead = {letters = KEYS[3], age = KEYS[4], dropped = 0},
  held = {letters = KEYS[5], age = KEYS[6], dropped = 0},
}

local function ours(entry, fence)
  local p = redis.pcall('XPENDING', queue, group, entry, entry, 1)
  if p.err then return nil, p end
  return p[1] and p[1][2] == consumer and p[1][4] == tonumber(fence)
end

local function int(n) return string.format('%.0f', n) end

-- pending returns when a pending mark was decided, if it is still this action's.
local function pending(marks, key, name)
  local whose, decided = string.match(redis.call('HGET', marks, key) or '', '^(%S+) (%-?%d+) %d+$')
  if whose == name then return decided end
end

-- mark ends a pending mark, if it is still this action's: it is kept for a while, with the time done,
-- or not at all. All the marks of its member are kept for as long as the last one holds.
local function mark(marks, key, name, keep, done)
  local decided = pending(marks, key, name)
  if not decided then return end
  if keep == 0 then
    redis.call('HDEL', marks, key)
  else
    redis.call('HSET', marks, key, name .. ' ' .. done .. ' ' .. decided .. ' ' .. int(now + keep))
  end
  local last, all = now + keep, redis.call('HGETALL', marks)
  for i = 1, #all, 2 do
    local expires = tonumber(string.match(all[i + 1], ' (%d+)$') or '0')
    if expires > last then last = expires end
    if expires <= now then redis.call('HDEL', marks, all[i]) end
  end
  redis.call('PEXPIRE', marks, int(last - now))
end

-- hold moves a pending mark, if it is still this action's. Nothing in the hash is kept for longer.
local function hold(marks, key, heldKey, name)
  local decided = pending(marks, key, name)
  if not decided then return end
  redis.call('HDEL', marks, key)
  redis.call('HSET', marks, heldKey, name .. ' ' .. decided .. ' ' .. int(now + tonumber(ARGV[8])))
  redis.call('PEXPIRE', marks, ARGV[8])
end

-- tried returns how many attempts failed, and the call that counted the last of them.
local function tried(entry)
  local count, nonce = string.match(redis.call('HGET', attempts, entry) or '0 -', '^(%d+) (%S+)$')
  return count, nonce
end

-- lose ends the mark of an action whose held letter is dropped. The letter says where it is. The key
-- is not among KEYS: in the middle of a slot's move it can be out of reach, and the mark expires.
local function lose(text)
  local member, key, name = string.match(text or '', '^%d+ {"mark":"(%S+) (%S+) ([^" ]+)"')
  if not member then return end
  local have = redis.pcall('HGET', ARGV[7] .. member, key)
  if type(have) == 'string' and string.match(have, '^%S+') == name then
    redis.pcall('HDEL', ARGV[7] .. member, key)
  end
end

-- shelve keeps a letter, and drops the oldest ones past the bound. Lua can hand on some thousands of
-- names at a time.
local function shelve(shelf, entry, text, name, nth)
  local tries = tried(entry)
  redis.call('HSET', shelf.letters, name, tries .. ' ' .. text)
  redis.call('ZADD', shelf.age, string.format('%.3f', (micros + nth) / 1000), name)
  local over = math.min(redis.call('ZCARD', shelf.age) - tonumber(ARGV[5]), 1000)
  if over <= 0 then return end
  local names = redis.call('ZRANGE', shelf.age, 0, over - 1)
  if shelf == shelves.held then
    for _, old in ipairs(names) do lose(redis.call('HGET', shelf.letters, old)) end
  end
  redis.call('HDEL', shelf.letters, unpack(names))
  shelf.dropped = shelf.dropped + redis.call('ZREMRANGEBYRANK', shelf.age, 0, over - 1)
end

local function answer(record, text)
  if redis.call('HEXISTS', record, 'case') == 0 then return end -- let go of meanwhile
  local n = redis.call('HINCRBY', record, 'n', 1) - 1
  redis.call('HSET', record, 'a' .. (n % tonumber(ARGV[4])), text)
end

local k = 7
for a = 9, #ARGV, 11 do
  local entry, what = ARGV[a], ARGV[a + 2]
  local held, err = ours(entry, ARGV[a + 1])
  local count, nonce = tried(entry)
  if err then
    if string.find(err.err, 'NOGROUP', 1, true) then break end
    return err
  end
  -- An attempt that this very call has counted, and whose reply was lost, is not counted again.
  if held and not (what == 'retry' and nonce == ARGV[6]) then
    if ARGV[a + 8] ~= '' then answer(KEYS[k + 1], ARGV[a + 8]) end
    if what == 'retry' then
      redis.call('HSET', attempts, entry, string.format('%d %s', count + 1, ARGV[6]))
      redis.call('XCLAIM', queue, group, consumer, 0, entry, 'JUSTID')
    elseif what == 'free' then
      redis.call('XCLAIM', queue, group, consumer, 0, entry, 'IDLE', ARGV[3], 'JUSTID')
    else
      if shelves[what] then shelve(shelves[what], entry, ARGV[a + 9], ARGV[a + 10], (a - 9) / 11) end
      if what == 'held' then
        hold(KEYS[k], ARGV[a + 3], ARGV[a + 4], ARGV[a + 5])
      else
        mark(KEYS[k], ARGV[a + 3], ARGV[a + 5], what == 'end' and tonumber(ARGV[a + 6]) or 0, ARGV[a + 7])
      end
      redis.call('HDEL', attempts, entry)
      redis.call('XACK', queue, group, entry)
      redis.call('XDEL', queue, entry)
    end
  end
  k = k + 2
end
return {shelves.dead.dropped, shelves.held.dropped}
