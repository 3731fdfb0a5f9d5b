-- Adds events to windows and counts them; keeps events' notes on trails and reads those of others;
-- keeps and reads join times; lifts dedupe marks.
-- KEYS  one after the other, as each operation needs them
-- ARGV  operations, each a letter and its arguments; times are microseconds
--         w  KEYS: window            ARGV: event, time, length, limit, keep (ms), peek (0 or 1)
--         a  KEYS: window            ARGV: as w, then how much the event adds (2 or more)
--         t  KEYS: trail             ARGV: event, time, length, entries kept, keep (ms), peek
--                                          (0 or 1), note
--         r  KEYS: joined            ARGV: -
--         j  KEYS: joined, marks     ARGV: time, keep (ms; 0: not at all), keep what was
--                                          lifted (ms)
-- returns for each w and a the count, for each t the entries of other events, oldest first, each as
--         event with note and time, for each r the join time or an empty string, for each j zero
--
-- A window is a sorted set of event times. It is thinned so that counts stay exact up to the limit
-- wherever a further event falls: an event may go once the limit is reached within half a length on
-- either side of it, because every span that a new event can share with it is full without it. An
-- event that adds more than one has that many members, all of its time; the thinning may take some
-- of them and leave others.
--
-- A trail is a sorted set of times, too, of events with their notes behind. All events are of equal
-- length. Of equal notes those go that stand between two others at most a length apart, so that no
-- span holds more than two: of the entries kept, four for each one of the limit, half are on one side
-- of a late event, and among these as many notes as the limit.

local function int(n) return string.format('%.0f', n) end

-- heavy adds an event that counts for more than one, unless any of its members stands in the window
-- or it only peeks. It returns the time of one that stands, or false. A call names some hundreds of
-- members at a time: Lua can hand on some thousands of arguments.
local function heavy(key, event, t, add, peek)
  for from = 1, add, 500 do
    local members = {}
    for i = from, math.min(from + 499, add) do members[#members + 1] = i == 1 and event or event .. i end
    for _, score in ipairs(redis.call('ZMSCORE', key, unpack(members))) do
      if score then return score end
    end
  end
  for from = 1, peek and 0 or add, 500 do
    local added = {}
    for i = from, math.min(from + 499, add) do
      added[#added + 1] = int(t)
      added[#added + 1] = i == 1 and event or event .. i
    end
    redis.call('ZADD', key, unpack(added))
  end
  return false
end

-- most returns the most events in any (e - len, e] that holds t, when later events exist. So many
-- that are not in the window count at t.
local function most(key, t, len, add)
  local raw = redis.call('ZRANGEBYSCORE', key, '(' .. int(t - len), '(' .. int(t + len), 'WITHSCORES')
  local times = {}
  for i = 2, #raw, 2 do times[#times + 1] = tonumber(raw[i]) end
  if add > 0 then
    for _ = 1, add do times[#times + 1] = t end
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

-- thin keeps a window within its bound after t was added: of what stands near t, the limit remains
-- on either side.
local function thin(key, t, len, limit)
  local size = redis.call('ZCARD', key)
  if size <= 2 * limit then return end
  local q = math.floor(len / 4)
  local near = redis.call('ZCOUNT', key, '(' .. int(t - q), '(' .. int(t + q))
  if near > 2 * limit then
    local below = redis.call('ZCOUNT', key, '-inf', int(t - q))
    size = size - redis.call('ZREMRANGEBYRANK', key, below + limit, below + near - limit - 1)
  end
  if size > 24 * limit then redis.call('ZREMRANGEBYRANK', key, 0, size - 24 * limit - 1) end
end

local function window(key, event, t, len, limit, keep, peek, add)
  local have
  if add > 1 then
    have = heavy(key, event, t, add, peek)
  else
    have = redis.call('ZSCORE', key, event)
    if not have and not peek then redis.call('ZADD', key, int(t), event) end
  end
  if have then t = tonumber(have) end
  local more = (peek and not have) and add or 0
  local count
  if redis.call('ZCOUNT', key, '(' .. int(t), '(' .. int(t + len)) > 0 then
    count = most(key, t, len, more)
  else
    count = redis.call('ZCOUNT', key, '(' .. int(t - len), int(t)) + more
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

-- drop takes out what stands between two equal notes that are at most a length apart: every span of
-- that length which holds it holds one of them, too. Only entries with the note of the new member
-- can have come to stand so. raw is what the trail held around t without it.
local function drop(key, raw, member, event, t, len)
  local note, equal = string.sub(member, #event + 1), {}
  local new = {t, member}
  for i = 1, #raw, 2 do
    if #raw[i] == #member and string.sub(raw[i], #event + 1) == note then
      local at = tonumber(raw[i + 1])
      if new and at > t then
        equal[#equal + 1], new = new, nil
      end
      equal[#equal + 1] = {at, raw[i]}
    end
  end
  equal[#equal + 1] = new
  local before = equal[1]
  for i = 2, #equal - 1 do
    if equal[i + 1][1] - before[1] <= len then
      redis.call('ZREM', key, equal[i][2])
    else
      before = equal[i]
    end
  end
end

local function trail(key, event, t, len, kept, keep, peek, note)
  local member = event .. note
  local have = redis.call('ZSCORE', key, member)
  if have then t = tonumber(have) end
  local raw = redis.call('ZRANGEBYSCORE', key, '(' .. int(t - len), '(' .. int(t + len), 'WITHSCORES')
  for i = 1, #raw, 2 do
    if string.sub(raw[i], 1, #event) == event then
      have = raw[i + 1] -- whatever note it came with first stands
      table.remove(raw, i)
      table.remove(raw, i)
      break
    end
  end
  if have or peek then return raw end
  redis.call('ZADD', key, int(t), member)
  drop(key, raw, member, event, t, len)
  local newest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. int(tonumber(newest) - 2 * len))
  local over = redis.call('ZCARD', key) - kept
  if over > 0 then redis.call('ZREMRANGEBYRANK', key, 0, over - 1) end
  redis.call('PEXPIRE', key, keep)
  return raw
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
  if op == 'w' or op == 'a' then
    local weighted = op == 'a'
    out[#out + 1] = window(KEYS[k], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6] == '1', weighted and tonumber(ARGV[a + 7]) or 1)
    k, a = k + 1, a + (weighted and 8 or 7)
  elseif op == 't' then
    out[#out + 1] = trail(KEYS[k], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6] == '1', ARGV[a + 7])
    k, a = k + 1, a + 8
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
