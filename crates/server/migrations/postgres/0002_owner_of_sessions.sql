-- A session says itself whose it is, so that checking one does not read the grant, whose row is wide with tokens. The copy
-- is made from the grant when the session begins, and follows it.
ALTER TABLE sessions ADD app_id text COLLATE "C", ADD subject text COLLATE "C", ADD scope text;
UPDATE sessions SET app_id = grants.app_id, subject = grants.subject, scope = grants.scope
    FROM grants WHERE grants.id = sessions.grant_id;
ALTER TABLE sessions
    ALTER app_id SET NOT NULL,
    ALTER subject SET NOT NULL,
    ALTER scope SET NOT NULL,
    ADD CHECK (scope IN ('auth_base', 'auth_user'));

-- The scope is all that ever changes about whose a grant is.
CREATE FUNCTION sessions_follow_their_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sessions SET scope = new.scope WHERE grant_id = new.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER sessions_follow_their_grant AFTER UPDATE OF scope ON grants
    FOR EACH ROW WHEN (new.scope <> old.scope) EXECUTE FUNCTION sessions_follow_their_grant();
