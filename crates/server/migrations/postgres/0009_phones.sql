-- The phone number of a user, as the platform's answer to the page told it: sealed like the tokens. What is looked up is a keyed hash.
CREATE TABLE phones (
    subject      bigint  NOT NULL PRIMARY KEY REFERENCES subjects (id) ON DELETE CASCADE,
    key_id       text    NOT NULL, -- of the key that seals the number and makes the hash
    number       bytea   NOT NULL,
    number_hash  bytea   NOT NULL,
    signed       smallint NOT NULL CHECK (signed IN (0, 1)),
    confirmed    smallint NOT NULL CHECK (confirmed IN (0, 1)), -- 0: another user of the app held it
    consented_at bigint  NOT NULL,
    stored_at    bigint  NOT NULL
);
CREATE INDEX phones_by_number ON phones (number_hash);
