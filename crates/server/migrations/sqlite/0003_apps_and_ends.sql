-- Several apps may share a file: claims are kept by app. The claims of before are of the one app that the file was for,
-- which the newest grant names; a file without any grant has only claims of logins that failed.
ALTER TABLE code_claims RENAME TO old_claims;
ALTER TABLE code_outcomes RENAME TO old_outcomes;

-- One row per auth code that was posted. Written before the exchange and never changed; deleted long after the platform
-- itself has forgotten the code.
CREATE TABLE code_claims (
    app_id        TEXT    NOT NULL,
    code_hash     BLOB    NOT NULL,
    login_id_hash BLOB,             -- absent: the post cannot be repeated
    salt          BLOB    NOT NULL, -- from which, with the server's key, code and login_id, the session is derived again
    claimed_at    INTEGER NOT NULL,
    PRIMARY KEY (app_id, code_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_claims_by_age ON code_claims (claimed_at);

-- How the claim ended. A claim without a row here has an unknown outcome.
CREATE TABLE code_outcomes (
    app_id       TEXT    NOT NULL,
    code_hash    BLOB    NOT NULL,
    session_hash BLOB,
    error_code   TEXT,
    answered_at  INTEGER NOT NULL,
    PRIMARY KEY (app_id, code_hash),
    FOREIGN KEY (app_id, code_hash) REFERENCES code_claims (app_id, code_hash) ON DELETE CASCADE,
    CHECK ((session_hash IS NULL) <> (error_code IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO code_claims
    SELECT coalesce((SELECT app_id FROM grants ORDER BY granted_at DESC LIMIT 1), ''),
           code_hash, login_id_hash, salt, claimed_at
    FROM old_claims;
INSERT INTO code_outcomes
    SELECT coalesce((SELECT app_id FROM grants ORDER BY granted_at DESC LIMIT 1), ''),
           code_hash, session_hash, error_code, answered_at
    FROM old_outcomes;
DROP TABLE old_outcomes;
DROP TABLE old_claims;

-- When a grant is good for nothing any more: its tokens are over, and so is the longest life of every session that refers
-- to it. Where the platform did not say how long a token lives, never.
ALTER TABLE grants ADD COLUMN over_at INTEGER NOT NULL DEFAULT 9223372036854775807;
UPDATE grants SET over_at = max(
    coalesce(access_expires_at, 9223372036854775807),
    CASE WHEN refresh_token IS NULL THEN 0 ELSE coalesce(refresh_expires_at, 9223372036854775807) END,
    -- A session lives for a year at most.
    coalesce((SELECT max(created_at) FROM sessions WHERE grant_id = grants.id), granted_at) + 31622400000
);
CREATE INDEX grants_by_end ON grants (over_at);
