-- A session says itself whose it is, so that checking one does not read the grant, whose row is wide with tokens. The copy
-- is made from the grant when the session begins, and follows it.
ALTER TABLE sessions RENAME TO old_sessions;

CREATE TABLE sessions (
    session_hash BLOB    NOT NULL PRIMARY KEY,
    grant_id     INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    app_id       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    scope        TEXT    NOT NULL CHECK (scope IN ('auth_base', 'auth_user'))
) STRICT, WITHOUT ROWID;
INSERT INTO sessions
    SELECT session_hash, grant_id, created_at, expires_at, app_id, subject, scope
    FROM old_sessions JOIN grants ON grants.id = old_sessions.grant_id;
DROP TABLE old_sessions;
CREATE INDEX sessions_of_grant ON sessions (grant_id);

-- The scope is all that ever changes about whose a grant is.
CREATE TRIGGER sessions_follow_their_grant AFTER UPDATE OF scope ON grants WHEN new.scope <> old.scope
BEGIN
    UPDATE sessions SET scope = new.scope WHERE grant_id = new.id;
END;
