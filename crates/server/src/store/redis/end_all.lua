-- Ends all sessions of a subject, or those whose hash begins in a certain way.
-- KEYS: the subject. ARGV: prefix of session keys, how the hashes begin.
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.sub(hash, 1, #ARGV[2]) == ARGV[2] then
    redis.call('DEL', ARGV[1] .. hash)
    redis.call('ZREM', KEYS[1], hash)
  end
end
