-- Who did what to which subject, and when. Names no user but by the subject's random id, and outlives an erasure for that.
CREATE TABLE audit (
    done_at bigint NOT NULL,
    id      bigint NOT NULL DEFAULT floor(random() * 9007199254740992)::bigint, -- random, so that rows of two databases can be joined
    actor   text   NOT NULL, -- user, platform, or operator: and a name
    action  text   NOT NULL,
    subject bigint,          -- absent: it was about no user
    detail  text,
    PRIMARY KEY (done_at, id)
);
