-- Moves a session's expiry later, never earlier, and never restores a session.
-- KEYS: the session. ARGV: prefix of subject keys, the expiry as in a record, forgotten_at.
local record = redis.call('GET', KEYS[1])
-- Big-endian numbers compare like their bytes.
if record and string.sub(record, 17) < ARGV[2] then
  redis.call('SET', KEYS[1], string.sub(record, 1, 16) .. ARGV[2], 'PXAT', ARGV[3])
  local subject = ARGV[1] .. string.sub(record, 1, 8)
  if redis.call('PEXPIRETIME', subject) < tonumber(ARGV[3]) then
    redis.call('PEXPIREAT', subject, ARGV[3])
  end
end
