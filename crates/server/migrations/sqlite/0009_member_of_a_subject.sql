-- step: members
-- What the platform said of a user stands in the row of the subject, so that to check a session reads two tables, not three.
ALTER TABLE subjects ADD COLUMN nick_name TEXT;
ALTER TABLE subjects ADD COLUMN avatar TEXT;
ALTER TABLE subjects ADD COLUMN gender TEXT;
ALTER TABLE subjects ADD COLUMN province TEXT;
ALTER TABLE subjects ADD COLUMN city TEXT;
ALTER TABLE subjects ADD COLUMN stored_at INTEGER;    -- absent: there is no member
ALTER TABLE subjects ADD COLUMN consented_at INTEGER
    CHECK ((consented_at IS NULL) = (stored_at IS NULL) AND (stored_at IS NULL OR retired_into IS NULL));
UPDATE subjects SET (nick_name, avatar, gender, province, city, stored_at, consented_at) =
        (SELECT nick_name, avatar, gender, province, city, stored_at, consented_at FROM members WHERE subject = id)
    WHERE id IN (SELECT subject FROM members);
DROP TABLE members;
CREATE VIEW members AS
    SELECT id AS subject, nick_name, avatar, gender, province, city, stored_at, consented_at
    FROM subjects WHERE stored_at IS NOT NULL;
