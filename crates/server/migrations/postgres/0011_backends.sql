-- The back-ends that may ask whose a session is, with hashes of their secrets.
CREATE TABLE backends (
    name             text   NOT NULL PRIMARY KEY,
    claims           text   NOT NULL, -- what they are told beside the subject: member, phone, ids, with commas
    app_id           text,            -- the only app whose sessions they may ask about; NULL: every app's
    secret_hash      bytea  NOT NULL,
    old_secret_hash  bytea,           -- of the secret of before, which is good until then
    old_secret_until bigint,
    changed_at       bigint NOT NULL
);
