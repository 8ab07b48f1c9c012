-- Who did what to which subject, and when. Names no user but by the subject's random id, and outlives an erasure for that.
CREATE TABLE audit (
    done_at INTEGER NOT NULL,
    id      INTEGER NOT NULL DEFAULT (abs(random() % 9007199254740992)), -- random, so that rows of two databases can be joined
    actor   TEXT    NOT NULL,  -- user, platform, or operator: and a name
    action  TEXT    NOT NULL,
    subject INTEGER,           -- absent: it was about no user
    detail  TEXT,
    PRIMARY KEY (done_at, id)
) STRICT, WITHOUT ROWID;
