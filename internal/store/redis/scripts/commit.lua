-- Stores cases, steps ladders and queues actions. An action is not queued while an equal one's mark
-- is in the way, or that of one of its own rule that is held, nor when it is about a member who was let
-- in again after the event: a join says so that lifted marks, or came well after the event. Of a case that is known already, no
-- ladder is stepped and only those actions are queued that were dropped for the sake of a mark which
-- the member's return has lifted since.
-- KEYS  1 queue  2 records by age  3... for each case: record, where its text goes if it has one, the
--       ladder if it has a strike, and the dedupe marks of each of its actions
-- ARGV  1 prefix of records  2 keep records (ms)  3 records at most  4 keep what is known of a case
--       (ms)  5 how long a pending mark holds (ms)  6 answers kept  7 points of a ladder at most
--       8 replicas to wait for  9 prefix of texts  10 keep their buckets (ms)  11 keep a member's marks
--       (ms)  12 keep what is known of a case that the audit does not keep (ms)  13... for each case:
--       nonce, name in the index (empty when the audit does not keep it), case without its text, text
--       (empty when there is none), strike (likewise), number of actions; for each action: name in
--       marks, dedupe key, key while held, time decided (us), before when an equal action must have been
--       done not to be in the way (us; of an action on a group as a whole the least there is), action,
--       answer when it is deduplicated, rung (empty when it acts on all)
--       A strike is, with spaces between: name of the rule, points, fade, every (us), once (us), time
--       of the event (us). A rung is the least strikes on which the action acts and those below which
--       it does (0: no bound).
-- returns for each case: one digit for each action, 1 queued, 0 not, x for one that does not act on
--       what the ladder holds; with a - before them when it was known, and behind them, if the ladder
--       held anything when the case was stored, a space and how much
--
-- The index is ordered by the microsecond in which a case was stored; cases of one call follow each
-- other.
--
-- A record says what became of the case and in which call. A case that was stored by this very call,
-- whose reply was lost, is answered as it was then. A call that finds known cases only writes nothing,
-- unless WAIT follows, which vouches for what the server held at the connection's last write: then it
-- touches one record.
--
-- A ladder has the points it holds, the time up to which they have faded, and for each rule when it
-- took its last step, how long no other may follow, and how its points fade.
--
-- The record of a case that the audit does not keep says that only: it has no case and no answers, and
-- is not in the index.
--
-- For each action that was dropped for a mark and may be owed later, the record has a field d and the
-- action's name. It says when the mark in the way was decided and when the event happened; once the
-- action was queued after all, it says by which call.

local time = redis.call('TIME')
local micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(micros / 1000)
local queue, index = KEYS[1], KEYS[2]
local keepRecords, maxRecords = tonumber(ARGV[2]), tonumber(ARGV[3])
local keepKnown, keepMark, keepMarks, answers = ARGV[4], tonumber(ARGV[5]), ARGV[11], tonumber(ARGV[6])
local keepUnlisted = ARGV[12]
local maxPoints, maxRules = tonumber(ARGV[7]), 32 -- of a ladder
local whole = '-9223372036854775808' -- the least time there is

local function int(n) return string.format('%.0f', n) end

-- standing returns when the mark that keeps another action out was decided, or nil. A mark is the
-- action's name, when it was decided and when the mark expires; once the action is done, that time
-- comes behind the name.
local function standing(mark, before)
  local decided, expires = string.match(mark or '', ' (%-?%d+) (%d+)$')
  if not decided or tonumber(expires) <= now then return end
  local done = string.match(mark, '^%S+ (%-?%d+) %-?%d+ %d+$')
  if done and tonumber(done) < tonumber(before) then return end
  return tonumber(decided)
end

-- joined reads a field of a member's marks: lifted says when the join was that lifted some, and came
-- before when all is settled by one that need not have. It returns that, or nil.
local function joined(lifted)
  local at, expires = string.match(lifted or '', '^(%-?%d+) (%d+)$')
  if at and tonumber(expires) > now then return tonumber(at) end
end

-- enqueue returns 1, or 0 and, if a later join may show that the action is owed, when the mark in
-- the way was decided: the later one of two. The join of a member who was let in after the event has
-- been: nothing is owed. How long a mark holds stands in it; the marks of a member are kept for as long
-- as any of them can hold.
local function enqueue(marks, id, key, heldKey, decided, before, action)
  local found = redis.call('HMGET', marks, key, 'lifted', heldKey, 'came')
  if before ~= whole then
    local back, came = joined(found[2]), joined(found[4])
    if back and back > tonumber(decided) or came and came > tonumber(decided) then return '0' end
  end
  local by, held = standing(found[1], before), found[3] and standing(found[3], before)
  if by or held then return '0', math.max(by or held, held or by) end
  redis.call('XADD', queue, '*', 'a', action)
  redis.call('HSET', marks, key, id .. ' ' .. decided .. ' ' .. int(now + keepMark))
  redis.call('PEXPIRE', marks, keepMarks)
  return '1'
end

-- again queues an action of a known case if it is owed. It answers a call whose reply was lost as
-- before.
local function again(record, nonce, marks, id, key, heldKey, decided, before, action)
  local drop = redis.call('HGET', record, 'd' .. id)
  if drop == nonce then return '1' end
  local by, at = string.match(drop or '', '^(%-?%d+) (%-?%d+)$')
  local back = by and joined(redis.call('HGET', marks, 'lifted'))
  if not back or back <= tonumber(by) or back > tonumber(at) then return '0' end
  local queued = enqueue(marks, id, key, heldKey, decided, before, action)
  if queued == '1' then redis.call('HSET', record, 'd' .. id, nonce) end
  return queued
end

-- step makes a strike's step and returns what the ladder holds then. The ladder lives until no rule
-- on it would find a point or its last step any more.
local function step(ladder, strike)
  local rule, add, fade, every, once, at = string.match(strike, '^(%S+) (%d+) (%d+) (%d+) (%d+) (%-?%d+)$')
  add, fade, every, once, at = tonumber(add), tonumber(fade), tonumber(every), tonumber(once), tonumber(at)
  local points, since, rules, mine = 0, at, {}, nil
  local all = redis.call('HGETALL', ladder)
  for i = 1, #all, 2 do
    if all[i] == 'points' then
      points = tonumber(all[i + 1])
    elseif all[i] == 'since' then
      since = tonumber(all[i + 1])
    else
      local r = {name = all[i]}
      r.last, r.once, r.fade, r.every = string.match(all[i + 1], '^(%-?%d+) (%d+) (%d+) (%d+)$')
      if r.last then rules[#rules + 1] = r end
      if r.last and r.name == rule then mine = r end
    end
  end

  if at > since then
    local times = math.floor((at - since) / every)
    points = math.max(points - fade * times, 0)
    since = points == 0 and at or since + times * every
  end
  if not mine or math.abs(at - tonumber(mine.last)) >= once then
    points = math.min(points + add, maxPoints)
    if not mine then
      mine = {name = rule}
      rules[#rules + 1] = mine
    end
    mine.last, mine.once, mine.fade, mine.every = at, once, fade, every
    redis.call('HSET', ladder, rule, int(at) .. ' ' .. int(once) .. ' ' .. int(fade) .. ' ' .. int(every))
  end
  redis.call('HSET', ladder, 'points', int(points), 'since', int(since))

  local oldest, fading, longest = nil, 0, 0
  for _, r in ipairs(rules) do
    if r ~= mine and (not oldest or tonumber(r.last) < tonumber(oldest.last)) then oldest = r end
    fading = math.max(fading, math.ceil(points / tonumber(r.fade)) * tonumber(r.every))
    longest = math.max(longest, tonumber(r.once))
  end
  if #rules > maxRules then redis.call('HDEL', ladder, oldest.name) end
  redis.call('PEXPIRE', ladder, int(math.ceil((fading + longest) / 1000) + 1))
  return points
end

-- acts tells whether an action on a rung acts.
local function acts(rung, strikes)
  if rung == '' then return true end
  local least, below = string.match(rung, '^(%d+) (%d+)$')
  return strikes >= tonumber(least) and (below == '0' or strikes < tonumber(below))
end

local out, stored, known, keep, names, texts, k, a = {}, 0, nil, nil, {}, {}, 3, 13
while a <= #ARGV do
  local nonce, name, case, text = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3]
  local strike, n = ARGV[a + 4], tonumber(ARGV[a + 5])
  local record, said, ladder = KEYS[k], KEYS[k + 1], nil
  k, a = k + (text == '' and 1 or 2), a + 6
  if strike ~= '' then ladder, k = KEYS[k], k + 1 end
  local before = redis.call('HGET', record, 'what')
  if before then
    local whose, what, strikes = string.match(before, '^(%S+) (%S*) ?(%d*)$')
    strikes = tonumber(strikes) or 0
    if whose ~= nonce then
      what = '-'
      for i = 0, n - 1 do
        local b = a + 8 * i
        what = what .. again(record, nonce, KEYS[k + i], ARGV[b], ARGV[b + 1], ARGV[b + 2], ARGV[b + 3], ARGV[b + 4],
          ARGV[b + 5])
      end
      if strikes > 0 and redis.call('HEXISTS', record, 'case') == 0 then strikes = 0 end
    end
    out[#out + 1] = strikes > 0 and what .. ' ' .. int(strikes) or what
    known, keep = record, name == '' and keepUnlisted or keepKnown
  else
    local what, dropped = '', {}
    local strikes = strike == '' and 0 or step(ladder, strike)
    for i = 0, n - 1 do
      local b = a + 8 * i
      local queued, by = 'x', nil
      if acts(ARGV[b + 7], strikes) then
        queued, by = enqueue(KEYS[k + i], ARGV[b], ARGV[b + 1], ARGV[b + 2], ARGV[b + 3], ARGV[b + 4], ARGV[b + 5])
      end
      if queued == '0' then dropped[#dropped + 1] = ARGV[b + 6] end
      -- No join can lie between a mark and an event that is no later.
      if by and by < tonumber(ARGV[b + 3]) then
        redis.call('HSET', record, 'd' .. ARGV[b], int(by) .. ' ' .. ARGV[b + 3])
      end
      what = what .. queued
    end
    if strikes > 0 then what = what .. ' ' .. int(strikes) end
    if name == '' then
      redis.call('HSET', record, 'what', nonce .. ' ' .. what, 'at', int(now))
    else
      redis.call('HSET', record, 'what', nonce .. ' ' .. what, 'at', int(now), 'case', case)
    end
    if text ~= '' then
      local bucket = texts[said] or {}
      texts[said] = bucket
      bucket[#bucket + 1] = string.match(name, '^%S+')
      bucket[#bucket + 1] = text
    end
    if name ~= '' then
      for i, answer in ipairs(dropped) do
        redis.call('HSET', record, 'n', i, 'a' .. ((i - 1) % answers), answer)
      end
      names[#names + 1] = string.format('%.3f', (micros + stored) / 1000)
      names[#names + 1] = name
    end
    redis.call('PEXPIRE', record, name == '' and keepUnlisted or keepKnown)
    out[#out + 1] = what
    stored = stored + 1
  end
  k, a = k + n, a + 8 * n
end

if stored == 0 then
  if known and ARGV[8] ~= '0' then redis.call('PEXPIRE', known, keep) end
  return out
end
if #names == 0 then return out end
redis.call('ZADD', index, unpack(names))
for bucket, of in pairs(texts) do
  local added = redis.call('HSET', bucket, unpack(of))
  if redis.call('HLEN', bucket) == added then redis.call('PEXPIRE', bucket, ARGV[10]) end
end
-- The bound comes last and may fail: in the middle of a slot's move, a key that is not named in KEYS
-- can be out of reach, and the cases above are stored all the same. What went stays known.
local over = math.max(redis.call('ZCARD', index) - maxRecords,
  redis.call('ZCOUNT', index, '-inf', int(now - keepRecords)))
if over > 0 then
  local fields = {'case', 'n'}
  for i = 0, answers - 1 do fields[#fields + 1] = 'a' .. i end
  for _, name in ipairs(redis.call('ZRANGE', index, 0, over - 1)) do
    local case, bucket = string.match(name, '^(%S+) %S+ ?(%d*)')
    redis.pcall('HDEL', ARGV[1] .. case, unpack(fields))
    if bucket ~= '' then redis.pcall('HDEL', ARGV[9] .. bucket, case) end
  end
  redis.call('ZREMRANGEBYRANK', index, 0, over - 1)
end
redis.call('PEXPIRE', index, keepKnown)
return out
