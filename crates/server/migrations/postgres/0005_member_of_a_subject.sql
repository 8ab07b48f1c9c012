DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'members, 1 of 1'; END IF; END $$;
-- What the platform said of a user stands in the row of the subject, so that to check a session reads two tables, not three.
ALTER TABLE subjects
    ADD nick_name text, ADD avatar text, ADD gender text, ADD province text, ADD city text,
    ADD stored_at bigint, -- absent: there is no member
    ADD consented_at bigint;
UPDATE subjects SET (nick_name, avatar, gender, province, city, stored_at, consented_at) =
        (members.nick_name, members.avatar, members.gender, members.province, members.city, members.stored_at,
         members.consented_at)
    FROM members WHERE members.subject = subjects.id;
ALTER TABLE subjects
    ADD CHECK ((consented_at IS NULL) = (stored_at IS NULL) AND (stored_at IS NULL OR retired_into IS NULL));
DROP TABLE members;
CREATE VIEW members AS
    SELECT id AS subject, nick_name, avatar, gender, province, city, stored_at, consented_at
    FROM subjects WHERE stored_at IS NOT NULL;
