-- Adds events to windows and counts them; keeps and reads join times; lifts dedupe marks.
-- KEYS  one after the other, as each operation needs them
-- ARGV  operations, each a letter and its arguments; times are microseconds
--         w  KEYS: window            ARGV: event, time, length, limit, keep (ms), peek (0 or 1)
--         r  KEYS: joined            ARGV: -
--         j  KEYS: joined, marks     ARGV: time, keep (ms; 0: not at all), keep what was
--                                          lifted (ms)
-- returns for each w the count, for each r the join time or an empty string, for each j zero
--
-- A window is a sorted set of event times. It is thinned so that counts stay exact up to the limit
-- wherever a further event falls: an event may go once the limit is reached within half a length on
-- either side of it, because every span that a new event can share with it is full without it.

local function int(n) return string.format('%.0f', n) end

-- most returns the most events in any (e - len, e] that holds t, when later events exist.
local function most(key, t, len, peek)
  local raw = redis.call('ZRANGEBYSCORE', key, '(' .. int(t - len), '(' .. int(t + len), 'WITHSCORES')
  local times = {}
  for i = 2, #raw, 2 do times[#times + 1] = tonumber(raw[i]) end
  if peek then
    times[#times + 1] = t
    table.sort(times)
  end
  local best, first = 0, 1
  for last = 1, #times do
    if times[last] >= t then
      while times[first] <= times[last] - len do first = first + 1 end
      if last - first + 1 > best then best = last - first + 1 end
    end
  end
  return best
end

-- thin keeps a window within its bound after t was added.
local function thin(key, t, len, limit)
  local size = redis.call('ZCARD', key)
  if size <= 2 * limit then return end
  local q = math.floor(len / 4)
  if redis.call('ZCOUNT', key, '(' .. int(t - q), '(' .. int(t + q)) > 2 * limit then
    local below = redis.call('ZCOUNT', key, '-inf', int(t - q))
    size = size - redis.call('ZREMRANGEBYRANK', key, below + limit, below + limit)
  end
  if size > 24 * limit then redis.call('ZREMRANGEBYRANK', key, 0, size - 24 * limit - 1) end
end

local function window(key, event, t, len, limit, keep, peek)
  local have = redis.call('ZSCORE', key, event)
  if have then
    t = tonumber(have)
  elseif not peek then
    redis.call('ZADD', key, int(t), event)
  end
  local add = peek and not have
  local count
  if redis.call('ZCOUNT', key, '(' .. int(t), '(' .. int(t + len)) > 0 then
    count = most(key, t, len, add)
  else
    count = redis.call('ZCOUNT', key, '(' .. int(t - len), int(t))
    if add then count = count + 1 end
    if not have and not peek then
      redis.call('ZREMRANGEBYSCORE', key, '-inf', int(t - keep * 1000))
    end
  end
  if not have and not peek then
    thin(key, t, len, limit)
    redis.call('PEXPIRE', key, keep)
  end
  return count
end

-- lift ends the marks of what was decided about a member before a join, and remembers the join in
-- the field lifted: when it was and when it may be forgotten. A join that lifts nothing is only
-- remembered where an earlier one is: an offence between the two must not remove the member who came
-- back after it.
local function lift(marks, t, keep)
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local all, remember, back, last = redis.call('HGETALL', marks), false, t, now + keep
  for i = 1, #all, 2 do
    local at, expires = string.match(all[i + 1], '(%-?%d+) (%d+)$')
    if all[i] == 'lifted' then
      if at and tonumber(expires) > now then
        back, remember = math.max(back, tonumber(at)), true
      end
    elseif not at or tonumber(at) < t then
      redis.call('HDEL', marks, all[i])
      remember = true
    else
      last = math.max(last, tonumber(expires))
    end
  end
  if not remember then return end
  redis.call('HSET', marks, 'lifted', int(back) .. ' ' .. int(now + keep))
  redis.call('PEXPIRE', marks, int(last - now))
end

local function join(joined, marks, t, keep, keepLifted)
  if keep > 0 then
    local last = redis.call('GET', joined)
    if not last or tonumber(last) <= t then redis.call('SET', joined, int(t), 'PX', keep) end
  end
  lift(marks, t, keepLifted)
  return 0
end

local out, k, a = {}, 1, 1
while a <= #ARGV do
  local op = ARGV[a]
  if op == 'w' then
    out[#out + 1] = window(KEYS[k], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6] == '1')
    k, a = k + 1, a + 7
  elseif op == 'r' then
    out[#out + 1] = redis.call('GET', KEYS[k]) or ''
    k, a = k + 1, a + 1
  elseif op == 'j' then
    out[#out + 1] = join(KEYS[k], KEYS[k + 1], tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]))
    k, a = k + 2, a + 4
  else
    return redis.error_reply('ERR unknown operation ' .. op)
  end
end
return out
