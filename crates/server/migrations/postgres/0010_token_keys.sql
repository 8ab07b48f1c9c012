-- The keys that sign tokens for back-ends. Each new one has the next number, so that of several instances only one makes it.
CREATE TABLE token_keys (
    number      bigint   NOT NULL PRIMARY KEY,
    id          text     NOT NULL UNIQUE,  -- `kid` in the token's header
    key_id      text     NOT NULL,         -- of the server's key that seals the private half
    private_key bytea    NOT NULL,
    public_key  bytea    NOT NULL,
    signs_from  bigint   NOT NULL,
    retired     smallint NOT NULL CHECK (retired IN (0, 1)) -- 1: an operator asked for the next one
);
