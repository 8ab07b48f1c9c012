-- A user is a subject: a random id of ours, with every id that the platform ever used for the user, at most one of a kind.
-- The subject of a user who has a grant is the grant's id, by which sessions in Redis go. What the platform said of two users
-- who are one is merged: the older one goes on, the other is retired and leads to it.
CREATE TABLE subjects (
    id           bigint NOT NULL PRIMARY KEY,
    app_id       text COLLATE "C" NOT NULL,
    open_id      text COLLATE "C",
    user_id      text COLLATE "C",
    union_id     text COLLATE "C",
    retired_into bigint,            -- the subject that it was merged into; it has no ids then
    created_at   bigint NOT NULL,
    CHECK ((retired_into IS NULL) = (coalesce(open_id, user_id, union_id) IS NOT NULL))
);

DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'subjects, 1 of 5: whose the rows are'; END IF; END $$;
-- What they are kept under is the open_id, or the user_id (16 digits from 2088 on) where there was no open_id.
CREATE TABLE old_users (
    app_id     text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    id         bigint NOT NULL,
    open_id    text COLLATE "C",
    user_id    text COLLATE "C",
    created_at bigint NOT NULL,
    PRIMARY KEY (app_id, subject)
);
INSERT INTO old_users
    SELECT app_id, subject, grants.id,
           CASE WHEN stored_at IS NOT NULL THEN open_id WHEN subject ~ '^2088[0-9]{12}$' THEN NULL ELSE subject END,
           CASE WHEN stored_at IS NOT NULL THEN user_id WHEN subject ~ '^2088[0-9]{12}$' THEN subject END,
           least(granted_at, stored_at)
    FROM grants LEFT JOIN members USING (app_id, subject);
INSERT INTO old_users
    SELECT app_id, subject, ('x' || md5(gen_random_uuid()::text))::bit(64)::bigint & 9223372036854775807,
           open_id, user_id, stored_at
    FROM members ON CONFLICT DO NOTHING;
INSERT INTO old_users
    SELECT app_id, subject, ('x' || md5(gen_random_uuid()::text))::bit(64)::bigint & 9223372036854775807,
           CASE WHEN subject ~ '^2088[0-9]{12}$' THEN NULL ELSE subject END,
           CASE WHEN subject ~ '^2088[0-9]{12}$' THEN subject END,
           min(received_at)
    FROM consents GROUP BY app_id, subject
    ON CONFLICT (app_id, subject) DO UPDATE SET created_at = least(old_users.created_at, excluded.created_at);
-- Two who have one user_id: one of them was known by it alone. Where more than two have it, the platform contradicted itself,
-- and it proves nothing.
CREATE INDEX old_users_by_user_id ON old_users (app_id, user_id);
CREATE UNIQUE INDEX old_users_by_id ON old_users (id);
ANALYZE old_users;
CREATE TABLE shared_ids AS
    SELECT app_id, user_id, count(open_id) AS open_ids FROM old_users WHERE user_id IS NOT NULL
    GROUP BY app_id, user_id HAVING count(*) > 1;
CREATE TABLE old_pairs AS
    SELECT CASE WHEN (one.created_at, one.id) < (other.created_at, other.id) THEN one.id ELSE other.id END AS survivor,
           CASE WHEN (one.created_at, one.id) < (other.created_at, other.id) THEN other.id ELSE one.id END AS retired
    FROM shared_ids JOIN old_users AS one USING (app_id, user_id) JOIN old_users AS other USING (app_id, user_id)
    WHERE open_ids = 1 AND one.open_id IS NULL AND other.open_id IS NOT NULL;
UPDATE old_users SET user_id = NULL
    WHERE open_id IS NOT NULL AND (app_id, user_id) IN (SELECT app_id, user_id FROM shared_ids WHERE open_ids > 1);
ANALYZE old_pairs;
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

DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'subjects, 2 of 5: sessions and grants'; END IF; END $$;
DROP TRIGGER sessions_follow_their_grant ON grants;
ALTER TABLE sessions DROP CONSTRAINT sessions_grant_id_fkey, DROP app_id, DROP subject;
ALTER TABLE sessions RENAME grant_id TO subject;
ALTER TABLE sessions ADD FOREIGN KEY (subject) REFERENCES subjects (id) ON DELETE CASCADE;
ALTER INDEX sessions_of_grant RENAME TO sessions_of_subject;
ALTER TABLE grants DROP app_id, DROP subject;
ALTER TABLE grants RENAME id TO subject;
ALTER TABLE grants ADD FOREIGN KEY (subject) REFERENCES subjects (id) ON DELETE CASCADE;
-- Checking a session does not read the grant, whose row is wide with tokens: a session has a copy of its scope.
CREATE OR REPLACE FUNCTION sessions_follow_their_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sessions SET scope = new.scope WHERE subject = new.subject;
    RETURN NULL;
END
$$;
CREATE TRIGGER sessions_follow_their_grant AFTER UPDATE OF scope ON grants
    FOR EACH ROW WHEN (new.scope <> old.scope) EXECUTE FUNCTION sessions_follow_their_grant();

DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'subjects, 3 of 5: members'; END IF; END $$;
ALTER TABLE members RENAME TO old_members;
ALTER INDEX members_pkey RENAME TO old_members_pkey;
CREATE TABLE members AS
    SELECT id AS subject, nick_name, avatar, gender, province, city, stored_at
    FROM old_members JOIN old_users USING (app_id, subject);
ALTER TABLE members
    ADD PRIMARY KEY (subject),
    ALTER stored_at SET NOT NULL,
    ADD FOREIGN KEY (subject) REFERENCES subjects (id) ON DELETE CASCADE;
DROP TABLE old_members;

DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'subjects, 4 of 5: consents'; END IF; END $$;
ALTER TABLE consents ADD owner bigint REFERENCES subjects (id) ON DELETE CASCADE;
UPDATE consents SET owner = old_users.id FROM old_users
    WHERE old_users.app_id = consents.app_id AND old_users.subject = consents.subject;
DROP INDEX consents_of_subject;
ALTER TABLE consents DROP app_id, DROP subject, ALTER owner SET NOT NULL;
ALTER TABLE consents RENAME owner TO subject;
CREATE INDEX consents_of_subject ON consents (subject);

DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'subjects, 5 of 5: users who are one'; END IF; END $$;
-- The newer member, and the grant of more worth, for it lives, is of auth_user, or is newer.
DELETE FROM members WHERE subject IN (
    SELECT CASE WHEN one.stored_at > other.stored_at THEN other.subject ELSE one.subject END
    FROM old_pairs JOIN members AS one ON one.subject = survivor JOIN members AS other ON other.subject = retired);
UPDATE grants SET over_at = later.over_at FROM (
        SELECT survivor, retired, max(over_at) AS over_at
        FROM old_pairs JOIN grants ON grants.subject IN (survivor, retired) GROUP BY survivor, retired) AS later
    WHERE grants.subject IN (later.survivor, later.retired);
CREATE TABLE old_worth AS
    SELECT subject, greatest(coalesce(access_expires_at, 9223372036854775807),
                             CASE WHEN refresh_token IS NULL THEN 0
                                  ELSE coalesce(refresh_expires_at, 9223372036854775807) END)
                    > extract(epoch FROM now()) * 1000 AS lives,
           scope = 'auth_user' AS is_user, granted_at
    FROM grants WHERE subject IN (SELECT survivor FROM old_pairs UNION ALL SELECT retired FROM old_pairs);
DELETE FROM grants WHERE subject IN (
    SELECT CASE WHEN (one.lives, one.is_user, one.granted_at) > (other.lives, other.is_user, other.granted_at)
                THEN other.subject ELSE one.subject END
    FROM old_pairs JOIN old_worth AS one ON one.subject = survivor JOIN old_worth AS other ON other.subject = retired);
UPDATE members SET subject = survivor FROM old_pairs WHERE retired = subject;
UPDATE grants SET subject = survivor FROM old_pairs WHERE retired = subject;
UPDATE consents SET subject = survivor FROM old_pairs WHERE retired = subject;
UPDATE sessions SET subject = survivor FROM old_pairs WHERE retired = subject;
UPDATE sessions SET scope = grants.scope FROM grants
    WHERE grants.subject = sessions.subject AND grants.subject IN (SELECT survivor FROM old_pairs);
DROP TABLE old_worth, shared_ids, old_pairs, old_users;
