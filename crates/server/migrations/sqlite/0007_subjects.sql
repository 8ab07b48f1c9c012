-- A user is a subject: a random id of ours, with every id that the platform ever used for the user, at most one of a kind.
-- The subject of a user who has a grant is the grant's id, by which sessions in Redis go. What the platform said of two users
-- who are one is merged: the older one goes on, the other is retired and leads to it.
CREATE TABLE subjects (
    id           INTEGER NOT NULL PRIMARY KEY,
    app_id       TEXT    NOT NULL,
    open_id      TEXT,
    user_id      TEXT,
    union_id     TEXT,
    retired_into INTEGER,          -- the subject that it was merged into; it has no ids then
    created_at   INTEGER NOT NULL,
    CHECK ((retired_into IS NULL) = (coalesce(open_id, user_id, union_id) IS NOT NULL))
) STRICT;

-- step: whose the rows are
-- What they are kept under is the open_id, or the user_id (16 digits from 2088 on) where there was no open_id.
CREATE TABLE old_users (
    app_id     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    id         INTEGER NOT NULL,
    open_id    TEXT,
    user_id    TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (app_id, subject)
) STRICT, WITHOUT ROWID;
INSERT INTO old_users
    SELECT app_id, subject, random() & 9223372036854775807, open_id, user_id, stored_at FROM members;
INSERT INTO old_users
    SELECT app_id, subject, id,
           iif(subject GLOB '2088[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]', NULL, subject),
           iif(subject GLOB '2088[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]', subject, NULL),
           granted_at
    FROM grants WHERE true
    ON CONFLICT DO UPDATE SET id = excluded.id, created_at = min(created_at, excluded.created_at);
INSERT INTO old_users
    SELECT app_id, subject, random() & 9223372036854775807,
           iif(subject GLOB '2088[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]', NULL, subject),
           iif(subject GLOB '2088[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]', subject, NULL),
           min(received_at)
    FROM consents GROUP BY app_id, subject
    ON CONFLICT DO UPDATE SET created_at = min(created_at, excluded.created_at);
-- Two who have one user_id: one of them was known by it alone. Where more than two have it, the platform contradicted itself,
-- and it proves nothing.
CREATE INDEX old_users_by_user_id ON old_users (app_id, user_id);
CREATE UNIQUE INDEX old_users_by_id ON old_users (id);
CREATE TABLE old_pairs (survivor INTEGER NOT NULL, retired INTEGER NOT NULL PRIMARY KEY) STRICT;
CREATE TABLE shared_ids AS
    SELECT app_id, user_id, count(open_id) AS open_ids FROM old_users WHERE user_id IS NOT NULL
    GROUP BY app_id, user_id HAVING count(*) > 1;
INSERT INTO old_pairs
    SELECT iif((one.created_at, one.id) < (other.created_at, other.id), one.id, other.id),
           iif((one.created_at, one.id) < (other.created_at, other.id), other.id, one.id)
    FROM shared_ids
        JOIN old_users AS one INDEXED BY old_users_by_user_id USING (app_id, user_id)
        JOIN old_users AS other INDEXED BY old_users_by_user_id USING (app_id, user_id)
    WHERE open_ids = 1 AND one.open_id IS NULL AND other.open_id IS NOT NULL;
CREATE UNIQUE INDEX old_pairs_by_survivor ON old_pairs (survivor);
UPDATE old_users SET user_id = NULL
    WHERE open_id IS NOT NULL AND (app_id, user_id) IN (SELECT app_id, user_id FROM shared_ids WHERE open_ids > 1);
INSERT INTO subjects
    SELECT id, app_id, open_id, user_id, NULL, NULL, created_at FROM old_users
    WHERE id NOT IN (SELECT survivor FROM old_pairs UNION ALL SELECT retired FROM old_pairs);
INSERT INTO subjects
    SELECT one.id, one.app_id, coalesce(one.open_id, other.open_id), one.user_id, NULL, NULL, one.created_at
    FROM old_pairs JOIN old_users AS one ON one.id = survivor JOIN old_users AS other ON other.id = retired;
INSERT INTO subjects
    SELECT old_users.id, app_id, NULL, NULL, NULL, survivor, created_at
    FROM old_pairs JOIN old_users ON old_users.id = retired;
CREATE UNIQUE INDEX subjects_by_open_id ON subjects (app_id, open_id) WHERE open_id IS NOT NULL;
CREATE UNIQUE INDEX subjects_by_user_id ON subjects (app_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX subjects_by_union_id ON subjects (app_id, union_id) WHERE union_id IS NOT NULL;
CREATE INDEX subjects_by_successor ON subjects (retired_into) WHERE retired_into IS NOT NULL;

-- step: sessions
DROP TRIGGER sessions_follow_their_grant;
ALTER TABLE sessions RENAME TO old_sessions;
CREATE TABLE sessions (
    session_hash BLOB    NOT NULL PRIMARY KEY,
    subject      INTEGER NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    scope        TEXT    NOT NULL CHECK (scope IN ('auth_base', 'auth_user'))
) STRICT, WITHOUT ROWID;
INSERT INTO sessions SELECT session_hash, grant_id, created_at, expires_at, scope FROM old_sessions;
DROP TABLE old_sessions;
CREATE INDEX sessions_of_subject ON sessions (subject);

-- step: grants
ALTER TABLE grants RENAME TO old_grants;
-- The platform's tokens: at most one grant per user of an app.
CREATE TABLE grants (
    subject       INTEGER NOT NULL PRIMARY KEY REFERENCES subjects (id) ON DELETE CASCADE,
    scope         TEXT    NOT NULL CHECK (scope IN ('auth_base', 'auth_user')),
    key_id        TEXT    NOT NULL,
    access_token  BLOB    NOT NULL,
    refresh_token BLOB,
    access_expires_at  INTEGER,     -- absent: the platform did not say
    refresh_expires_at INTEGER,
    granted_at    INTEGER NOT NULL,
    over_at       INTEGER NOT NULL  -- when tokens and all sessions of it are over, at the latest
) STRICT;
INSERT INTO grants
    SELECT id, scope, key_id, access_token, refresh_token, access_expires_at, refresh_expires_at, granted_at, over_at
    FROM old_grants;
DROP TABLE old_grants;
-- Checking a session does not read the grant, whose row is wide with tokens: a session has a copy of its scope.
CREATE TRIGGER sessions_follow_their_grant AFTER UPDATE OF scope ON grants WHEN new.scope <> old.scope
BEGIN
    UPDATE sessions SET scope = new.scope WHERE subject = new.subject;
END;

-- step: members
ALTER TABLE members RENAME TO old_members;
CREATE TABLE members (
    subject   INTEGER NOT NULL PRIMARY KEY REFERENCES subjects (id) ON DELETE CASCADE,
    nick_name TEXT,
    avatar    TEXT,
    gender    TEXT,
    province  TEXT,
    city      TEXT,
    stored_at INTEGER NOT NULL
) STRICT;
INSERT INTO members
    SELECT id, nick_name, avatar, gender, province, city, stored_at
    FROM old_members JOIN old_users USING (app_id, subject);
DROP TABLE old_members;

-- step: consents
ALTER TABLE consents RENAME TO old_consents;
CREATE TABLE consents (
    id          INTEGER NOT NULL PRIMARY KEY,
    subject     INTEGER NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
    scope       TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,
    reported_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
INSERT INTO consents
    SELECT old_consents.id, old_users.id, scope, purpose, reported_at, received_at
    FROM old_consents JOIN old_users USING (app_id, subject);
DROP TABLE old_consents;
CREATE INDEX consents_of_subject ON consents (subject);

-- step: users who are one
-- The newer member, and the grant of more worth, for it lives, is of auth_user, or is newer.
DELETE FROM members WHERE subject IN (
    SELECT iif(one.stored_at > other.stored_at, other.subject, one.subject)
    FROM old_pairs JOIN members AS one ON one.subject = survivor JOIN members AS other ON other.subject = retired);
UPDATE grants SET over_at = max(over_at, coalesce((
        SELECT other.over_at FROM old_pairs JOIN grants AS other ON other.subject = retired
        WHERE survivor = grants.subject), 0))
    WHERE subject IN (SELECT survivor FROM old_pairs);
UPDATE grants SET over_at = max(over_at, coalesce((
        SELECT other.over_at FROM old_pairs JOIN grants AS other ON other.subject = survivor
        WHERE retired = grants.subject), 0))
    WHERE subject IN (SELECT retired FROM old_pairs);
CREATE TABLE old_worth AS
    SELECT subject, (max(coalesce(access_expires_at, 9223372036854775807),
                         iif(refresh_token IS NULL, 0, coalesce(refresh_expires_at, 9223372036854775807)))
                     > CAST(strftime('%s', 'now') AS INTEGER) * 1000) AS lives,
           scope = 'auth_user' AS is_user, granted_at
    FROM grants WHERE subject IN (SELECT survivor FROM old_pairs UNION ALL SELECT retired FROM old_pairs);
DELETE FROM grants WHERE subject IN (
    SELECT iif((one.lives, one.is_user, one.granted_at) > (other.lives, other.is_user, other.granted_at),
               other.subject, one.subject)
    FROM old_pairs JOIN old_worth AS one ON one.subject = survivor JOIN old_worth AS other ON other.subject = retired);
UPDATE members SET subject = (SELECT survivor FROM old_pairs WHERE retired = subject)
    WHERE subject IN (SELECT retired FROM old_pairs);
UPDATE grants SET subject = (SELECT survivor FROM old_pairs WHERE retired = subject)
    WHERE subject IN (SELECT retired FROM old_pairs);
UPDATE consents SET subject = (SELECT survivor FROM old_pairs WHERE retired = subject)
    WHERE subject IN (SELECT retired FROM old_pairs);
UPDATE sessions SET subject = (SELECT survivor FROM old_pairs WHERE retired = subject)
    WHERE subject IN (SELECT retired FROM old_pairs);
UPDATE sessions SET scope = (SELECT scope FROM grants WHERE grants.subject = sessions.subject)
    WHERE subject IN (SELECT survivor FROM old_pairs);
DROP TABLE old_worth;
DROP TABLE shared_ids;
DROP TABLE old_pairs;
DROP TABLE old_users;
