-- Returns a subject's sessions, the newest first: hash and record alternately. Removes sessions that Redis has deleted.
-- KEYS: the subject. ARGV: prefix of session keys.
local listed = {}
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1, 'REV')) do
  local record = redis.call('GET', ARGV[1] .. hash)
  if record then
    table.insert(listed, hash)
    table.insert(listed, record)
  else
    redis.call('ZREM', KEYS[1], hash)
  end
end
return listed
