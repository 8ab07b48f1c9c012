-- The back-ends that may ask whose a session is, with hashes of their secrets.
CREATE TABLE backends (
    name             TEXT    NOT NULL PRIMARY KEY,
    claims           TEXT    NOT NULL,  -- what they are told beside the subject: member, phone, ids, with commas
    app_id           TEXT,              -- the only app whose sessions they may ask about; NULL: every app's
    secret_hash      BLOB    NOT NULL,
    old_secret_hash  BLOB,              -- of the secret of before, which is good until then
    old_secret_until INTEGER,
    changed_at       INTEGER NOT NULL
) STRICT;
