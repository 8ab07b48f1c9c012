DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'withdrawals, 1 of 2: when users consented'; END IF; END $$;
-- A withdrawal ends what was consented to before it. For what was written down without that moment it is our own time less five
-- minutes, for clocks differ.
ALTER TABLE grants ADD consented_at bigint;
UPDATE grants SET consented_at = granted_at - 300000;
ALTER TABLE grants ALTER consented_at SET NOT NULL;
ALTER TABLE members ADD consented_at bigint;
UPDATE members SET consented_at = least(
    stored_at, (SELECT granted_at FROM grants WHERE grants.subject = members.subject)) - 300000;
ALTER TABLE members ALTER consented_at SET NOT NULL;

DO $$ BEGIN IF EXISTS (SELECT FROM grants) THEN RAISE NOTICE 'withdrawals, 2 of 2: withdrawals'; END IF; END $$;
-- The withdrawals of the last 30 days, for answers that come later and link one of these ids to a user.
CREATE TABLE withdrawals (
    app_id       text COLLATE "C" NOT NULL,
    id_hash      bytea  NOT NULL, -- of an id by which the platform named the user
    withdrawn_at bigint NOT NULL, -- by the platform's clock
    member       text   NOT NULL CHECK (member IN ('kept', 'erased')),
    heard_at     bigint NOT NULL, -- by our own clock
    PRIMARY KEY (app_id, id_hash)
);
CREATE INDEX withdrawals_by_age ON withdrawals (heard_at);
