-- The phone number of a user, as the platform's answer to the page told it: sealed like the tokens. What is looked up is a keyed hash.
CREATE TABLE phones (
    subject      INTEGER NOT NULL PRIMARY KEY REFERENCES subjects (id) ON DELETE CASCADE,
    key_id       TEXT    NOT NULL,  -- of the key that seals the number and makes the hash
    number       BLOB    NOT NULL,
    number_hash  BLOB    NOT NULL,
    signed       INTEGER NOT NULL CHECK (signed IN (0, 1)),
    confirmed    INTEGER NOT NULL CHECK (confirmed IN (0, 1)),  -- 0: another user of the app held it
    consented_at INTEGER NOT NULL,
    stored_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX phones_by_number ON phones (number_hash);
