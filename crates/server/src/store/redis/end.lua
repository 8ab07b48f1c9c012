-- Ends a session. KEYS: the session. ARGV: prefix of subject keys, hash.
local record = redis.call('GETDEL', KEYS[1])
if record then
  redis.call('ZREM', ARGV[1] .. string.sub(record, 1, 8), ARGV[2])
end
