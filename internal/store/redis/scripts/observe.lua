-- Adds events to windows and counts them; keeps events' notes on trails and reads those of others;
-- keeps and reads join times; lifts dedupe marks.
-- KEYS  one after the other, as each operation needs them
-- ARGV  operations, each a letter and its arguments; times are microseconds
--         w  KEYS: window, late      ARGV: event, time, length, limit, keep (ms), peek (0 or 1)
--         a  KEYS: window, late      ARGV: as w, then how much the event adds (2 or more)
--         t  KEYS: trail, late       ARGV: event, time, length, entries kept, keep (ms), peek
--                                          (0 or 1), note
--         r  KEYS: joined            ARGV: -
--         j  KEYS: joined, marks     ARGV: time, keep (ms; 0: not at all), keep what was
--                                          lifted (ms), before when all is settled even if
--                                          nothing is lifted (empty: nothing is), how long
--                                          that is kept if something pending is lifted (ms)
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

-- A repeated event is never told more than at first. Of a window, late holds what events counted at first
-- and when they were, from when the order of what stands there does not tell any more: an event came
-- that was not the newest, or one has to go. Then it holds those that were below the limit, and those
-- that came after later ones. Of a trail, late holds the events that were not the newest: how far the
-- trail had come when each was added, and its turn among them. All others came in the order of times.

local function int(n) return string.format('%.0f', n) end

-- room tells whether late has room for one more event. Now and then those go that are too old, before
-- it is full: an event that it has no room for is told later what came since.
local function room(late, pattern, oldest, most)
  local n = redis.call('HINCRBY', late, 'n', 1)
  local size = redis.call('HLEN', late)
  local fits = size <= most
  if size <= most - 500 or n % 500 > 0 then return fits and n end
  local all, old = redis.call('HGETALL', late), {}
  for i = 1, #all, 2 do
    local at = string.match(all[i + 1], pattern)
    if at and tonumber(at) < oldest then old[#old + 1] = all[i] end
  end
  for from = 1, #old, 500 do redis.call('HDEL', late, unpack(old, from, math.min(from + 499, #old))) end
  return (fits or #old > 0) and n
end

-- note remembers an event of a trail that came when that had come as far as newest, at or after it.
local function note(late, event, newest, len, keep)
  local n = room(late, '^(%-?%d+) ', tonumber(newest) - 2 * len, 2000)
  if n then redis.call('HSET', late, event, int(newest) .. ' ' .. int(n)) end
  redis.call('PEXPIRE', late, keep)
end

-- earlier returns of members and times those of the event and those that were added before it.
local function earlier(raw, late, event, t)
  local names, marks, out = {event}, {}, {}
  for i = 1, #raw, 2 do names[#names + 1] = string.sub(raw[i], 1, #event) end
  for from = 1, #names, 500 do
    for _, mark in ipairs(redis.call('HMGET', late, unpack(names, from, math.min(from + 499, #names)))) do
      marks[#marks + 1] = mark
    end
  end
  local function read(mark)
    local far, turn = string.match(mark or '', '^(%-?%d+) (%d+)$')
    return tonumber(far), tonumber(turn)
  end
  local far, turn = read(marks[1])
  for i = 1, #raw, 2 do
    local at, n = tonumber(raw[i + 1]), (i + 1) / 2 + 1
    local itsFar, itsTurn = read(marks[n])
    local before
    if itsFar and far then
      before = itsTurn < turn
    elseif itsFar then
      before = itsFar < t
    elseif far then
      before = at <= far
    else
      before = at < t
    end
    if before or names[n] == event then
      out[#out + 1] = raw[i]
      out[#out + 1] = raw[i + 1]
    end
  end
  return out
end

-- stands returns the time of an event that stands in a window, or false. A call names some hundreds of
-- members at a time: Lua can hand on some thousands of arguments.
local function stands(key, event, add)
  if add == 1 then return redis.call('ZSCORE', key, event) end
  for from = 1, add, 500 do
    local members = {}
    for i = from, math.min(from + 499, add) do members[#members + 1] = i == 1 and event or event .. i end
    for _, score in ipairs(redis.call('ZMSCORE', key, unpack(members))) do
      if score then return score end
    end
  end
  return false
end

-- put adds an event, of which no member stands in the window.
local function put(key, event, t, add)
  for from = 1, add, 500 do
    local added = {}
    for i = from, math.min(from + 499, add) do
      added[#added + 1] = int(t)
      added[#added + 1] = i == 1 and event or event .. i
    end
    redis.call('ZADD', key, unpack(added))
  end
end

-- fullest returns the most times in any (e - len, e] that holds t.
local function fullest(times, t, len)
  local best, first = 0, 1
  for last = 1, #times do
    if times[last] >= t then
      while times[first] <= times[last] - len do first = first + 1 end
      if last - first + 1 > best then best = last - first + 1 end
    end
  end
  return best
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
  return fullest(times, t, len)
end

-- again returns what an event counts when it is repeated, if it is known to be one: it stands in the
-- window since the time have, or did.
local function again(key, late, event, len, have)
  local first = redis.call('HGET', late, event)
  if first then return tonumber(string.match(first, '^%d+')) end
  if have then
    local t = tonumber(have)
    return redis.call('ZCOUNT', key, '(' .. int(t - len), int(t))
  end
end

-- begin has late hold what those events counted that were below the limit. So far, all came in order, and
-- no two of one instant: the last member of each tells.
local function begin(key, late, size, len, limit, keep)
  if redis.call('EXISTS', late) == 1 then return end
  local raw, low, first = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES'), {'n', 0}, 1
  for last = 1, #raw / 2 do
    local at = tonumber(raw[2 * last])
    while tonumber(raw[2 * first]) <= at - len do first = first + 1 end
    local count = last - first + 1
    if count < limit and raw[2 * last] ~= raw[2 * last + 2] then
      low[#low + 1] = string.sub(raw[2 * last - 1], 1, size)
      low[#low + 1] = int(count) .. ' ' .. int(at)
    end
  end
  for from = 1, #low, 1000 do redis.call('HSET', late, unpack(low, from, math.min(from + 999, #low))) end
  redis.call('PEXPIRE', late, keep)
end

-- remember has late hold what an event counted.
local function remember(late, event, t, count, len, limit, keep)
  if room(late, '^%d+ (%-?%d+)$', t - 2 * len, 2000 + limit) then
    redis.call('HSET', late, event, int(count) .. ' ' .. int(t))
  end
  redis.call('PEXPIRE', late, keep)
end

-- thin keeps a window within its bound after t was added: of what stands near t, the limit remains
-- on either side.
local function thin(key, late, event, t, len, limit, keep)
  local size = redis.call('ZCARD', key)
  if size <= 2 * limit then return end
  local q = math.floor(len / 4)
  local near = redis.call('ZCOUNT', key, '(' .. int(t - q), '(' .. int(t + q))
  if near <= 2 * limit and size <= 24 * limit then return end
  begin(key, late, #event, len, limit, keep)
  if near > 2 * limit then
    local below = redis.call('ZCOUNT', key, '-inf', int(t - q))
    size = size - redis.call('ZREMRANGEBYRANK', key, below + limit, below + near - limit - 1)
  end
  if size > 24 * limit then redis.call('ZREMRANGEBYRANK', key, 0, size - 24 * limit - 1) end
end

local function window(key, late, event, t, len, limit, keep, peek, add)
  local have = stands(key, event, add)
  local behind = have or redis.call('ZCOUNT', key, int(t), '+inf') > 0
  if behind then
    local before = again(key, late, event, len, have)
    if before then return before end
  end
  if not peek then
    if behind then begin(key, late, #event, len, limit, keep) end
    put(key, event, t, add)
  end
  local more, count = peek and add or 0, nil
  local later = behind and redis.call('ZCOUNT', key, '(' .. int(t), '(' .. int(t + len)) > 0
  if later then
    count = most(key, t, len, more)
  else
    count = redis.call('ZCOUNT', key, '(' .. int(t - len), int(t)) + more
  end
  if peek then return count end
  if not later then redis.call('ZREMRANGEBYSCORE', key, '-inf', int(t - keep * 1000)) end
  if later or count < limit and redis.call('EXISTS', late) == 1 then
    remember(late, event, t, count, len, limit, keep)
  end
  thin(key, late, event, t, len, limit, keep)
  redis.call('PEXPIRE', key, keep)
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

local function trail(key, late, event, t, len, kept, keep, peek, text)
  local member = event .. text
  local have = redis.call('ZSCORE', key, member)
  if have then t = tonumber(have) end
  local raw = redis.call('ZRANGEBYSCORE', key, '(' .. int(t - len), '(' .. int(t + len), 'WITHSCORES')
  for i = 1, #raw, 2 do
    if string.sub(raw[i], 1, #event) == event then
      have, t = raw[i + 1], tonumber(raw[i + 1]) -- whatever note it came with first stands
      table.remove(raw, i)
      table.remove(raw, i)
      break
    end
  end
  if have then return earlier(raw, late, event, t) end
  if peek then return raw end
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  if last and tonumber(last) >= t then note(late, event, last, len, keep) end
  redis.call('ZADD', key, int(t), member)
  drop(key, raw, member, event, t, len)
  local newest = math.max(t, tonumber(last or t))
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. int(newest - 2 * len))
  local over = redis.call('ZCARD', key) - kept
  if over > 0 then redis.call('ZREMRANGEBYRANK', key, 0, over - 1) end
  redis.call('PEXPIRE', key, keep)
  return raw
end

-- lift ends the marks of what was decided about a member before a join, and remembers the join in
-- the field lifted: when it was and when it may be forgotten. A join that lifts nothing is only
-- remembered where an earlier one is: an offence between the two must not remove the member who came
-- back after it. In the field came it says in the same way what is settled although nothing was lifted. If
-- it lifts the mark of an action that is pending or held, that is kept for longer: the action asks for it
-- when its turn comes. No later join shortens it.
local function lift(marks, t, keep, settled, keepPending)
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local all, remember, back, last = redis.call('HGETALL', marks), false, t, now + keep
  local till = now + keep
  settled = tonumber(settled)
  for i = 1, #all, 2 do
    local at, expires = string.match(all[i + 1], '(%-?%d+) (%d+)$')
    if all[i] == 'lifted' then
      if at and tonumber(expires) > now then
        back, remember = math.max(back, tonumber(at)), true
      end
    elseif all[i] == 'came' then
      if at and tonumber(expires) > now then
        last = math.max(last, tonumber(expires))
        if settled then settled, till = math.max(settled, tonumber(at)), math.max(till, tonumber(expires)) end
      end
    elseif not at or tonumber(at) < t then
      redis.call('HDEL', marks, all[i])
      remember = true
      if string.match(all[i + 1], '^%S+ %-?%d+ %d+$') then till = math.max(till, now + keepPending) end
    else
      last = math.max(last, tonumber(expires))
    end
  end
  if not remember and not settled then return end
  if remember then redis.call('HSET', marks, 'lifted', int(back) .. ' ' .. int(now + keep)) end
  if settled then
    redis.call('HSET', marks, 'came', int(settled) .. ' ' .. int(till))
    last = math.max(last, till)
  end
  redis.call('PEXPIRE', marks, int(last - now))
end

local function join(joined, marks, t, keep, keepLifted, settled, keepPending)
  if keep > 0 then
    local last = redis.call('GET', joined)
    if not last or tonumber(last) <= t then redis.call('SET', joined, int(t), 'PX', keep) end
  end
  lift(marks, t, keepLifted, settled, keepPending)
  return 0
end

local out, k, a = {}, 1, 1
while a <= #ARGV do
  local op = ARGV[a]
  if op == 'w' or op == 'a' then
    local weighted = op == 'a'
    out[#out + 1] = window(KEYS[k], KEYS[k + 1], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6] == '1', weighted and tonumber(ARGV[a + 7]) or 1)
    k, a = k + 2, a + (weighted and 8 or 7)
  elseif op == 't' then
    out[#out + 1] = trail(KEYS[k], KEYS[k + 1], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]),
      tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6] == '1', ARGV[a + 7])
    k, a = k + 2, a + 8
  elseif op == 'r' then
    out[#out + 1] = redis.call('GET', KEYS[k]) or ''
    k, a = k + 1, a + 1
  elseif op == 'j' then
    out[#out + 1] = join(KEYS[k], KEYS[k + 1], tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]),
      ARGV[a + 4], tonumber(ARGV[a + 5]))
    k, a = k + 2, a + 6
  else
    return redis.error_reply('ERR unknown operation ' .. op)
  end
end
return out
