-- step: when users consented
-- A withdrawal ends what was consented to before it. For what was written down without that moment it is our own time less five
-- minutes, for clocks differ.
ALTER TABLE grants ADD COLUMN consented_at INTEGER NOT NULL DEFAULT 0;
UPDATE grants SET consented_at = granted_at - 300000;
ALTER TABLE members ADD COLUMN consented_at INTEGER NOT NULL DEFAULT 0;
UPDATE members SET consented_at = min(
    stored_at, coalesce((SELECT granted_at FROM grants WHERE grants.subject = members.subject), stored_at)) - 300000;

-- step: withdrawals
-- The withdrawals of the last 30 days, for answers that come later and link one of these ids to a user.
CREATE TABLE withdrawals (
    app_id       TEXT    NOT NULL,
    id_hash      BLOB    NOT NULL, -- of an id by which the platform named the user
    withdrawn_at INTEGER NOT NULL, -- by the platform's clock
    member       TEXT    NOT NULL CHECK (member IN ('kept', 'erased')),
    heard_at     INTEGER NOT NULL, -- by our own clock
    PRIMARY KEY (app_id, id_hash)
) STRICT, WITHOUT ROWID;
