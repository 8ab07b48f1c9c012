-- Finds the sessions that are over without reading the whole table.
CREATE INDEX sessions_by_end ON sessions (expires_at);
