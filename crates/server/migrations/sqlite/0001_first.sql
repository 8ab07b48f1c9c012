-- Times are milliseconds since the Unix epoch. Hashes are SHA-256. What is sealed is nonce, ciphertext and tag of
-- AES-256-GCM (src/crypto/seal.rs). Nothing here was sent by a page but the rows of `consents`, and those are called so.

-- One row per auth code that was ever posted. Written before the exchange and never changed.
CREATE TABLE code_claims (
    code_hash     BLOB    NOT NULL PRIMARY KEY,
    login_id_hash BLOB,             -- absent: the post cannot be repeated
    salt          BLOB    NOT NULL, -- from which, with the server's key, code and login_id, the session is derived again
    claimed_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How the claim ended. A claim without a row here has an unknown outcome.
CREATE TABLE code_outcomes (
    code_hash    BLOB    NOT NULL PRIMARY KEY REFERENCES code_claims (code_hash) ON DELETE CASCADE,
    session_hash BLOB,
    error_code   TEXT,
    answered_at  INTEGER NOT NULL,
    CHECK ((session_hash IS NULL) <> (error_code IS NULL))
) STRICT, WITHOUT ROWID;

-- `subject` is the open_id where the platform gives one, else the user_id.
CREATE TABLE members (
    app_id    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    open_id   TEXT,
    user_id   TEXT,
    nick_name TEXT,
    avatar    TEXT,
    gender    TEXT,
    province  TEXT,
    city      TEXT,
    stored_at INTEGER NOT NULL,
    PRIMARY KEY (app_id, subject),
    CHECK (open_id IS NOT NULL OR user_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- The platform's tokens: at most one grant per user of an app.
CREATE TABLE grants (
    id            INTEGER NOT NULL PRIMARY KEY,
    app_id        TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    scope         TEXT    NOT NULL CHECK (scope IN ('auth_base', 'auth_user')),
    key_id        TEXT    NOT NULL,
    access_token  BLOB    NOT NULL,
    refresh_token BLOB,
    access_expires_at  INTEGER,     -- absent: the platform did not say
    refresh_expires_at INTEGER,
    granted_at    INTEGER NOT NULL,
    UNIQUE (app_id, subject)
) STRICT;

CREATE TABLE sessions (
    session_hash BLOB    NOT NULL PRIMARY KEY,
    grant_id     INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_grant ON sessions (grant_id);

-- What clients reported about consent, as reported, beside the server's own time.
CREATE TABLE consents (
    id          INTEGER NOT NULL PRIMARY KEY,
    app_id      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    scope       TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,
    reported_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX consents_of_subject ON consents (app_id, subject);
