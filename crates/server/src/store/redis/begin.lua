-- Begins a session and ends those in whose place it comes.
-- KEYS: the session, its grant. ARGV: prefix of session keys, hash, record, created_at, forgotten_at, how many sessions the
-- grant keeps, hash of the replaced session or ''.
local prefix, hash, record, created_at, forgotten_at, keep, replaced = unpack(ARGV)
if replaced ~= '' and redis.call('ZREM', KEYS[2], replaced) == 1 then
  redis.call('DEL', prefix .. replaced)
end
redis.call('SET', KEYS[1], record, 'PXAT', forgotten_at)
-- The new one is kept, whatever the clock did: it is added when the others have made room.
local surplus = redis.call('ZCARD', KEYS[2]) - (keep - 1)
if surplus > 0 then
  for _, old in ipairs(redis.call('ZRANGE', KEYS[2], 0, surplus - 1)) do
    redis.call('DEL', prefix .. old)
    redis.call('ZREM', KEYS[2], old)
  end
end
redis.call('ZADD', KEYS[2], created_at, hash)
if redis.call('PEXPIRETIME', KEYS[2]) < tonumber(forgotten_at) then
  redis.call('PEXPIREAT', KEYS[2], forgotten_at)
end
