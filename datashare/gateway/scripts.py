"""Lua (原子脚本): every decision that all workers share is one script on the Redis server.

A script runs alone and by the server's clock, so that no two workers can decide at once and no two
clocks can disagree. Keys share the site's prefix; Redis Cluster is not supported.

`halts` is one hash for everything that keeps a source from being asked, usually empty:
`rest:<source>` → "<until ms>:<day or nothing>" after a code 18, `breaker:<source>` → "<until ms>"
while its breaker is not closed.
"""

NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

# A rest that names a day ends with that day, whatever the server's clock says: the platform's own
# day may have moved on.
RESTS = """
local function rest_of(value, day)
  if not value then return 0 end
  local untl, of = string.match(value, '^(%d+):(.*)$')
  if not untl or (of ~= '' and of ~= day) then return 0 end
  return math.max(0, tonumber(untl) - now)
end
"""

# KEYS: pace, day counter, halts.
# ARGV: source, rate, burst, slots, longest wait (s), day's allowance, day, whether a part will do.
# Answer: {verdict, first wait in ms (negative: a credit) or ms until there is room, slots granted}.
RESERVE = (
    NOW
    + RESTS
    + """
local source, rate, burst, slots = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local rest = rest_of(redis.call('HGET', KEYS[3], 'rest:' .. source), ARGV[7])
if rest > 0 then return {'stopped', rest, 0} end
local open = tonumber(redis.call('HGET', KEYS[3], 'breaker:' .. source) or '0')
if open > now then return {'resting', open - now, 0} end
local left = tonumber(ARGV[6]) - tonumber(redis.call('GET', KEYS[2]) or '0')
if left < 1 or (ARGV[8] == '0' and left < slots) then return {'spent', 0, 0} end
slots = math.min(slots, left)
local exact = time[1] * 1000 + time[2] / 1000
local interval, longest = 1000 / rate, tonumber(ARGV[5]) * 1000
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), exact)
local first = tat - (burst - 1) * interval - exact
local room = math.floor((longest - first) / interval) + 1
if room < 1 or (ARGV[8] == '0' and room < slots) then
  return {'throttled', math.ceil(math.max(1, first - longest)), 0}
end
slots = math.min(slots, room)
tat = tat + slots * interval
redis.call('SET', KEYS[1], string.format('%.3f', tat), 'PX', math.ceil(tat - exact) + 10000)
redis.call('INCRBY', KEYS[2], slots)
redis.call('EXPIRE', KEYS[2], 172800)
return {'go', math.ceil(first), slots}
"""
)

# KEYS: halts, stops, day counter. ARGV: source, first rest (s), longest rest (s), day, day's
# allowance, seconds left of the day, whether the gateway itself spoke of the day.
# A code 18 of a call that was under way when the rest began tells nothing new.
STOP = (
    NOW
    + RESTS
    + """
local field = 'rest:' .. ARGV[1]
local rest = rest_of(redis.call('HGET', KEYS[1], field), ARGV[4])
if rest > 0 then return math.ceil(rest / 1000) end
local used = tonumber(redis.call('GET', KEYS[3]) or '0')
local day = ''
if ARGV[7] == '1' or used >= tonumber(ARGV[5]) * 0.98 then
  rest, day = tonumber(ARGV[6]), ARGV[4]
else
  local times = redis.call('INCR', KEYS[2])
  rest = math.min(tonumber(ARGV[2]) * 2 ^ (times - 1), tonumber(ARGV[3]))
  redis.call('EXPIRE', KEYS[2], math.ceil(rest * 4 + 600))
end
redis.call('HSET', KEYS[1], field, string.format('%d:%s', now + rest * 1000, day))
return math.ceil(rest)
"""
)

# KEYS: breaker, halts. ARGV: source, good calls, failed calls, probe, window (s), failures that
# open, share of failures that opens, first pause (s), longest pause (s).
# While it is not closed only its own probe counts: other answers are of calls sent before.
REPORT = (
    NOW
    + """
local source, good, bad = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local field = 'breaker:' .. source
local function open()
  local times = redis.call('HINCRBY', KEYS[1], 'opens', 1)
  local pause = math.min(tonumber(ARGV[8]) * 2 ^ (times - 1), tonumber(ARGV[9])) * 1000
  redis.call('HDEL', KEYS[1], 'good', 'bad', 'since', 'probe', 'lease')
  redis.call('PEXPIRE', KEYS[1], math.ceil(pause + 3600000))
  redis.call('HSET', KEYS[2], field, string.format('%d', now + pause))
  return 'open'
end
if redis.call('HEXISTS', KEYS[2], field) == 1 then
  if ARGV[4] == '' or redis.call('HGET', KEYS[1], 'probe') ~= ARGV[4] then return 'not closed' end
  if bad > 0 then return open() end
  redis.call('DEL', KEYS[1])
  redis.call('HDEL', KEYS[2], field)
  return 'closed'
end
local since = tonumber(redis.call('HGET', KEYS[1], 'since') or '0')
if now - since > tonumber(ARGV[5]) * 1000 then
  if bad == 0 then return 'closed' end
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'since', string.format('%d', now))
  good = 0  -- answers before the first failure would outvote those that follow it
end
good = redis.call('HINCRBY', KEYS[1], 'good', good)
bad = redis.call('HINCRBY', KEYS[1], 'bad', bad)
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[5]) * 2000)
if bad >= tonumber(ARGV[6]) and bad >= (good + bad) * tonumber(ARGV[7]) then return open() end
return 'closed'
"""
)

# KEYS: breaker, halts. ARGV: source, a new probe's mark, lease of a probe (s).
# Answer: {verdict, ms until it may be tried again}. A probe whose worker died is replaced.
ADMIT = (
    NOW
    + """
local untl = tonumber(redis.call('HGET', KEYS[2], 'breaker:' .. ARGV[1]) or '-1')
if untl < 0 then return {'closed', 0} end
if untl > now then return {'resting', untl - now} end
local lease = tonumber(redis.call('HGET', KEYS[1], 'lease') or '0')
if lease > now then return {'resting', lease - now} end
redis.call('HSET', KEYS[1], 'probe', ARGV[2], 'lease', string.format('%d', now + ARGV[3] * 1000))
return {'probe', 0}
"""
)

# KEYS: request secret, halts. ARGV: day.
# Answer: {secret or '', ms it lives on, source, why ('rest' or 'breaker'), ms left, …}
LOOK = (
    NOW
    + RESTS
    + """
local seen = {redis.call('GET', KEYS[1]) or '', redis.call('PTTL', KEYS[1])}
local halts = redis.call('HGETALL', KEYS[2])
for i = 1, #halts, 2 do
  local why, source = string.match(halts[i], '^(%a+):(.+)$')
  local left = 0
  if why == 'rest' then
    left = rest_of(halts[i + 1], ARGV[1])
    if left == 0 then redis.call('HDEL', KEYS[2], halts[i]) end
  elseif why == 'breaker' then
    left = math.max(0, tonumber(halts[i + 1]) - now)
  end
  if left > 0 or why == 'breaker' then
    seen[#seen + 1] = source
    seen[#seen + 1] = why
    seen[#seen + 1] = left
  end
end
return seen
"""
)

DELETE_IF_EQUAL = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# ARGV: owner, ms
HOLD_ON = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
