// The script that puts ids into the line at their places. The list is kept sorted by `queue_seq`, smallest at the right end.
import { defineScript } from '../redis/script.ts';

/** Of ids with those in line, in one call: some 0.1 s of the server's. */
export const COMPARISONS_MAX = 5_000_000;
/** Entries that LINSERT walks over in the time in which one entry is taken out and put back. */
const WALKED_PER_MOVED = 40;

/**
 * KEYS whole, waiting, active, jobs
 * ARGV needs whole (1 or 0), mode (`again`: also what is in active · `missing`: only what is nowhere · `return`: only what is in
 * active, at the place on record), then id, seq …
 * Answers false where Redis is not whole or has lost entries of these, else for each id its position in line from 1
 * after the call, or 0 where nothing was pushed. What belongs in the middle of the line goes there at the end, all in one: one by one where
 * that walks over little, else by taking the shorter end of the line off and putting it back with the new ones in it.
 */
export const DELIVER = defineScript<number[] | null>(
  'deliver',
  `local mode, WALK = ARGV[2], ${String(WALKED_PER_MOVED)}
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[1]) == 0 then return false end
local function seq_at(index)
  local id = redis.call('LINDEX', KEYS[2], index)
  return tonumber(redis.call('HGET', KEYS[4], id) or '') or -1
end
local length = redis.call('LLEN', KEYS[2])
if mode ~= 'return' and length + redis.call('LLEN', KEYS[3]) > redis.call('HLEN', KEYS[4]) then
  if length * #ARGV > ${String(2 * COMPARISONS_MAX)} then return false end
  for i = 3, #ARGV, 2 do
    local bare = redis.call('HEXISTS', KEYS[4], ARGV[i]) == 0
    if bare and (redis.call('LPOS', KEYS[3], ARGV[i]) or redis.call('LPOS', KEYS[2], ARGV[i])) then return false end
  end
end
local last = length > 0 and seq_at(0) or nil
local answer, middle, entered, ordered, latest = {}, {}, {}, true, nil
local function place(id, seq)
  local nth = #answer + 1
  entered[nth], ordered, latest = seq, ordered and seq >= (latest or seq), seq
  if not last or seq > last then
    length, last = length + 1, seq
    redis.call('LPUSH', KEYS[2], id)
    answer[nth] = length + #middle
  elseif seq <= seq_at(-1) then
    length = length + 1
    redis.call('RPUSH', KEYS[2], id)
    answer[nth] = 1
  else
    middle[#middle + 1] = { id = id, seq = seq, nth = nth }
    answer[nth] = 0
  end
end
local function behind(seq)
  local from, to = 0, length
  while from < to do
    local at = math.floor((from + to) / 2)
    if seq_at(at) > seq then from = at + 1 else to = at end
  end
  return from
end
local function insert_each()
  for _, new in ipairs(middle) do
    local at = behind(new.seq)
    if at == length then
      redis.call('RPUSH', KEYS[2], new.id)
    else
      redis.call('LINSERT', KEYS[2], 'BEFORE', redis.call('LINDEX', KEYS[2], at), new.id)
    end
    length = length + 1
    answer[new.nth] = length - at
  end
end
local function merge(command, window, base)
  local seqs, out = {}, {}
  for from = 1, #window, 1000 do
    for i, seq in ipairs(redis.call('HMGET', KEYS[4], unpack(window, from, math.min(from + 999, #window)))) do
      seqs[from + i - 1] = tonumber(seq or '') or seqs[from + i - 2] or -1
    end
  end
  local total, old, new = #window + #middle, 1, #middle
  for i = 1, total do
    if new == 0 or (old <= #window and seqs[old] > middle[new].seq) then
      out[i], old = window[old], old + 1
    else
      out[i], new = middle[new].id, new - 1
      answer[middle[new + 1].nth] = base + total - i + 1
    end
  end
  if command == 'LPUSH' then
    for i = 1, math.floor(total / 2) do out[i], out[total - i + 1] = out[total - i + 1], out[i] end
  end
  for from = 1, total, 1000 do redis.call(command, KEYS[2], unpack(out, from, math.min(from + 999, total))) end
end
local function insert_middle()
  table.sort(middle, function(a, b) return a.seq < b.seq end)
  local tail, head = behind(middle[1].seq), length - behind(middle[#middle].seq)
  if #middle * tail <= WALK * math.min(tail, head) then return insert_each() end
  if head < tail then
    local window = head > 0 and redis.call('LRANGE', KEYS[2], -head, -1) or {}
    redis.call('LTRIM', KEYS[2], 0, -head - 1)
    merge('RPUSH', window, 0)
  else
    local window = redis.call('LRANGE', KEYS[2], 0, tail - 1)
    redis.call('LTRIM', KEYS[2], tail, -1)
    merge('LPUSH', window, length - tail)
  end
  length = length + #middle
end
local function leaves_line(id, mode)
  for i, new in ipairs(middle) do
    if new.id == id then
      table.remove(middle, i)
      entered[new.nth], ordered = nil, false
      return true
    end
  end
  if redis.call('LREM', KEYS[2], -1, id) == 0 then return mode == 'again' end
  length, ordered = length - 1, false
  last = length > 0 and seq_at(0) or nil
  return true
end
for i = 3, #ARGV, 2 do
  local id, seq = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', KEYS[4], id)
  local enters = not known and mode ~= 'return'
  if known and mode ~= 'missing' then enters = redis.call('LREM', KEYS[3], 1, id) > 0 end
  if known and not enters and mode ~= 'return' and tonumber(known) ~= tonumber(seq) then enters = leaves_line(id, mode) end
  if enters then
    if mode == 'return' then seq = known end
    redis.call('HSET', KEYS[4], id, seq)
    place(id, tonumber(seq) or -1)
  else
    answer[#answer + 1] = 0
  end
end
if #middle > 0 then insert_middle() end
if not ordered then
  for nth, seq in pairs(entered) do answer[nth] = length - behind(seq) end
end
return answer`,
  (raw) => (Array.isArray(raw) ? raw.map(Number) : null),
);
