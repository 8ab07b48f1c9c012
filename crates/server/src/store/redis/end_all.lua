-- Ends a subject's sessions whose hash has a given prefix and that were created by a given time.
-- KEYS: the subject. ARGV: prefix of session keys, prefix of the hashes, the time or +inf.
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', ARGV[3], 'BYSCORE')) do
  if string.sub(hash, 1, #ARGV[2]) == ARGV[2] then
    redis.call('DEL', ARGV[1] .. hash)
    redis.call('ZREM', KEYS[1], hash)
  end
end
