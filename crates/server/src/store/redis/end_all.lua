-- Ends the sessions of a subject whose hash begins in a certain way, and that were made until a moment.
-- KEYS: the subject. ARGV: prefix of session keys, how the hashes begin, the moment or +inf.
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', ARGV[3], 'BYSCORE')) do
  if string.sub(hash, 1, #ARGV[2]) == ARGV[2] then
    redis.call('DEL', ARGV[1] .. hash)
    redis.call('ZREM', KEYS[1], hash)
  end
end
