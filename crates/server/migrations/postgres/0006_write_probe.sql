-- Where readiness tries whether rows can still be added: a row that is never committed. Not in the write-ahead log, nor in a replica.
CREATE UNLOGGED TABLE write_probe (filler text NOT NULL);
