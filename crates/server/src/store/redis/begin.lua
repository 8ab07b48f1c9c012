-- Creates a session and ends those that it replaces.
-- KEYS: the session, its subject, the user's retired subjects. ARGV: prefix of session keys, hash, record, created_at,
-- forgotten_at, maximum sessions of the user, hash of the replaced session or ''.
local prefix, hash, record, created_at, forgotten_at, keep, replaced = unpack(ARGV)
local subjects = {}
for index = 2, #KEYS do
  table.insert(subjects, KEYS[index])
end
-- Returns the oldest of the user's sessions.
local function oldest()
  local found, at, subject
  for _, key in ipairs(subjects) do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[1] and (not found or tonumber(first[2]) < at) then
      found, at, subject = first[1], tonumber(first[2]), key
    end
  end
  return found, subject
end
local count = 0
for _, key in ipairs(subjects) do
  -- If the script is repeated, the session itself does not count.
  redis.call('ZREM', key, hash)
  if replaced ~= '' and redis.call('ZREM', key, replaced) == 1 then
    redis.call('DEL', prefix .. replaced)
  end
  count = count + redis.call('ZCARD', key)
end
redis.call('SET', KEYS[1], record, 'PXAT', forgotten_at)
-- The new one is kept, whatever the clock did, because it is added after the others have made room.
for _ = 1, count - (keep - 1) do
  local old, subject = oldest()
  redis.call('DEL', prefix .. old)
  redis.call('ZREM', subject, old)
end
redis.call('ZADD', KEYS[2], created_at, hash)
if redis.call('PEXPIRETIME', KEYS[2]) < tonumber(forgotten_at) then
  redis.call('PEXPIREAT', KEYS[2], forgotten_at)
end
