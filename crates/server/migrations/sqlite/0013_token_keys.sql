-- The keys that sign tokens for back-ends. Each new one has the next number, so that of several instances only one makes it.
CREATE TABLE token_keys (
    number      INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,  -- `kid` in the token's header
    key_id      TEXT    NOT NULL,         -- of the server's key that seals the private half
    private_key BLOB    NOT NULL,
    public_key  BLOB    NOT NULL,
    signs_from  INTEGER NOT NULL,
    retired     INTEGER NOT NULL CHECK (retired IN (0, 1))  -- 1: an operator asked for the next one
) STRICT;
